accounts-nav = Tài khoản

# Động từ: tên quyền, nút bấm và dòng nhật ký
accounts-open = Tạo tài khoản
accounts-amend = Sửa thông tin
accounts-close = Đóng tài khoản
accounts-reopen = Mở lại tài khoản
accounts-reset_password = Cấp lại mật khẩu
accounts-unlock = Mở khóa đăng nhập
accounts-change_password = Đổi mật khẩu
accounts-grant = Giao vai trò
accounts-end_grant = Thu hồi vai trò
accounts-read = Xem tài khoản
accounts-sign_in = Đăng nhập
accounts-sign_in_failed = Đăng nhập sai mật khẩu

# Đăng nhập và mật khẩu
accounts-sign-in = Đăng nhập
accounts-login = Tên đăng nhập
accounts-password = Mật khẩu
accounts-sign-in-help = Chưa có tài khoản hoặc quên mật khẩu: liên hệ quản trị hệ thống của đơn vị.
accounts-demo = Tài khoản dùng thử
accounts-demo-help = Bấm vào một tên để đăng nhập với vai trò đó. Nhân sự và số liệu trong bản dùng thử đều là giả định.
accounts-first-password = Đặt mật khẩu riêng
accounts-first-password-why = Mật khẩu vừa nhập là mật khẩu tạm do người khác cấp. Đặt mật khẩu riêng trước khi làm việc.
accounts-password-temporary = Mật khẩu tạm
accounts-password-current = Mật khẩu hiện tại
accounts-password-new = Mật khẩu mới
accounts-password-again = Nhập lại mật khẩu mới
accounts-password-hint = Ít nhất 10 ký tự. Sau khi đổi, các thiết bị khác phải đăng nhập lại.

# Danh sách
accounts-name = Họ và tên
accounts-title = Chức vụ
accounts-unit = Đơn vị
accounts-role = Vai trò
accounts-roles = Vai trò
accounts-state = Trạng thái
accounts-state-active = Đang dùng
accounts-state-locked = Bị khóa tạm thời
accounts-state-temporary = Chưa đổi mật khẩu tạm
accounts-state-closed = Đã đóng
accounts-whole-system = Toàn hệ thống
accounts-any = Tất cả
accounts-filter = Lọc
accounts-filter-words = Tìm người
accounts-filter-words-hint = Tên, chức vụ; không cần dấu
accounts-within = Tài khoản thuộc hoặc có vai trò tại { $unit } và các đơn vị cấp dưới.
accounts-none = Tài khoản của đơn vị sẽ hiện ở đây. Bấm “Tạo tài khoản” để tạo tài khoản đầu tiên.
accounts-none-found = Không có tài khoản nào khớp với điều kiện lọc.
accounts-show-all = Bỏ điều kiện lọc
accounts-export = Tải danh sách (CSV)
accounts-no-role = Chưa có vai trò
accounts-more-roles = và { $n } vai trò khác

# Mở tài khoản
accounts-title-hint = Ví dụ: Phó Chủ tịch UBND huyện
accounts-login-hint = Từ 3 đến 40 ký tự: chữ thường không dấu, chữ số, dấu chấm, gạch nối, gạch dưới.
accounts-unit-hint = Gõ tên đơn vị, có dấu hoặc không dấu.
accounts-unit-which = Chọn đúng đơn vị
accounts-unit-whole = Toàn hệ thống, không gắn với một đơn vị
accounts-choose-role = Chọn vai trò
accounts-no-role-yet = Giao vai trò sau
accounts-open-what = Mật khẩu tạm chỉ hiện một lần để trao tận tay; người nhận phải đổi khi đăng nhập lần đầu. Vai trò có hiệu lực từ hôm nay tại đơn vị trên.
accounts-back = Về danh sách
accounts-opened = Đã tạo tài khoản cho { $name }
accounts-reset-done = Đã cấp lại mật khẩu cho { $name }
accounts-secret-once = Mật khẩu này chỉ hiện một lần. Trao trực tiếp hoặc đọc qua điện thoại, không gửi qua tin nhắn; người nhận phải đổi khi đăng nhập.
accounts-to-account = Xem tài khoản
accounts-open-another = Tạo tài khoản khác

# Trang của một tài khoản
accounts-facts = Thông tin
accounts-locked-until = Khóa đến
accounts-reset-what = Mật khẩu cũ hết hiệu lực ngay, mọi thiết bị đang đăng nhập bị đăng xuất. Mật khẩu tạm chỉ hiện một lần.
accounts-close-what = Người này không đăng nhập được nữa và bị đăng xuất ngay. Hồ sơ và nhật ký vẫn được lưu giữ; có thể mở lại tài khoản.
accounts-reason = Lý do
accounts-no-role-what = Chưa có vai trò nào: người này đăng nhập được nhưng chưa xem và chưa làm được việc gì.
accounts-roles-over = Vai trò đã hết hạn: { $n }
accounts-when = Thời gian
accounts-span = { $from } – { $until }
accounts-span-open = Từ { $from }
accounts-span-never = Đã thu hồi trước ngày hiệu lực { $from }
accounts-not-yet = Chưa đến ngày
accounts-deputy-of = theo ủy quyền của { $name }
accounts-deputy-for = Người ủy quyền (tên đăng nhập)
accounts-deputy-principal = Người ủy quyền
accounts-deputy-hint = Chỉ điền khi người này giữ vai trò thay người khác. Nhật ký ghi tên cả hai.
accounts-from = Từ ngày
accounts-until = Đến hết ngày
accounts-until-hint = Để trống nếu không có thời hạn.
accounts-end-when = Thời điểm kết thúc
accounts-end-today = Hết ngày hôm nay
accounts-end-now = Ngay bây giờ
accounts-history = Nhật ký
accounts-history-none = Mọi thay đổi của tài khoản này sẽ được ghi ở đây.
accounts-history-older = Xem các dòng cũ hơn
accounts-nothing = không có

# Việc vừa làm xong
accounts-said-signed-out = Đã đăng xuất.
accounts-said-password-changed = Đã đổi mật khẩu. Các thiết bị khác phải đăng nhập lại.
accounts-said-amended = Đã sửa thông tin tài khoản.
accounts-said-closed = Đã đóng tài khoản và đăng xuất khỏi mọi thiết bị.
accounts-said-reopened = Đã mở lại tài khoản.
accounts-said-unlocked = Đã mở khóa; người này đăng nhập được ngay.
accounts-said-granted = Đã giao vai trò.
accounts-said-ended = Đã thu hồi vai trò.

# Không làm được: vì sao, việc cần làm
problem-accounts-login_taken = Tên đăng nhập “{ $login }” đã có người dùng
    .todo = Chọn tên khác, ví dụ thêm tên đơn vị.
problem-accounts-login_unfit = Không dùng được “{ $login }” làm tên đăng nhập
    .todo = Dùng 3 đến 40 ký tự: chữ thường không dấu, chữ số, dấu chấm, gạch nối, gạch dưới.
problem-accounts-name_missing = Chưa có họ và tên
    .todo = Điền họ và tên đầy đủ như trong hồ sơ cán bộ.
problem-accounts-text_too_long = Nội dung dài quá { $max } ký tự
    .todo = Rút ngắn rồi gửi lại.
problem-accounts-reason_missing = Chưa ghi lý do
    .todo = Ghi lý do để lưu vào nhật ký, ví dụ: số quyết định điều động.
problem-accounts-closed = Tài khoản của { $name } đã đóng
    .todo = Nếu người này còn làm việc, hãy mở lại tài khoản trước.
problem-accounts-not_closed = Tài khoản của { $name } đang dùng, không cần mở lại
    .todo = Tải lại trang để xem trạng thái hiện tại.
problem-accounts-not_locked = Tài khoản của { $name } không bị khóa
    .todo = Nếu vẫn không đăng nhập được, hãy cấp lại mật khẩu.
problem-accounts-own = Không thể tự đóng tài khoản hoặc tự cấp lại mật khẩu cho mình
    .todo = Dùng “Đổi mật khẩu”; việc đóng tài khoản do một quản trị hệ thống khác thực hiện.
problem-accounts-beyond_reach = { $name } giữ vai trò tại đơn vị ngoài phạm vi quản trị của tài khoản này
    .todo = Đề nghị quản trị hệ thống cấp trên thực hiện.
problem-accounts-last_admin = Đây là quản trị hệ thống duy nhất của đơn vị, chưa có người thay
    .todo = Giao vai trò quản trị hệ thống cho một người khác trước.
problem-accounts-password_wrong = Mật khẩu hiện tại không đúng
    .todo = Nhập lại. Nếu đã quên, hãy đề nghị quản trị hệ thống của đơn vị cấp lại.
problem-accounts-password_mismatch = Hai lần nhập mật khẩu mới không giống nhau
    .todo = Nhập lại mật khẩu mới ở cả hai ô.
problem-accounts-password_same = Mật khẩu mới trùng mật khẩu hiện tại
    .todo = Đặt một mật khẩu khác.
problem-accounts-role_missing = Chưa chọn vai trò
    .todo = Chọn một vai trò trong danh sách.
problem-accounts-role_not_for_people = Vai trò này chỉ dành cho phần mềm
    .todo = Chọn một vai trò khác.
problem-accounts-span_backward = Ngày kết thúc trước ngày bắt đầu
    .todo = Kiểm tra và sửa lại một trong hai ngày.
problem-accounts-span_over = Thời hạn này đã qua
    .todo = Chọn ngày kết thúc từ hôm nay trở đi.
problem-accounts-already_granted = { $name } đã có vai trò này tại đơn vị này trong thời gian đó
    .todo = Không cần giao thêm. Để đổi thời hạn, hãy thu hồi rồi giao lại.
problem-accounts-deputy_of_oneself = Không thể tự ủy quyền cho chính mình
    .todo = Điền tên đăng nhập của người ủy quyền, hoặc để trống.
problem-accounts-deputy_without_role = { $name } không giữ vai trò này tại đơn vị này trong suốt thời gian ủy quyền
    .todo = Kiểm tra người ủy quyền, vai trò, đơn vị và thời hạn; thời hạn ủy quyền phải nằm trong thời hạn của người ủy quyền.
problem-accounts-deputy_unknown = Không có tài khoản “{ $login }” trong phạm vi quản trị của tài khoản này
    .todo = Kiểm tra lại tên đăng nhập của người ủy quyền trong danh sách tài khoản.
problem-accounts-deputies_first = Còn { $n } người đang được ủy quyền vai trò này
    .todo = Thu hồi vai trò của những người được ủy quyền trước.
problem-accounts-grant_over = Vai trò này đã kết thúc
    .todo = Tải lại trang để xem trạng thái hiện tại.
problem-accounts-unit_missing = Chưa chọn đơn vị
    .todo = Gõ tên đơn vị, ví dụ “Huyện Mỹ Xuyên” hoặc “so y te”.
problem-accounts-unit_unknown = Không có đơn vị “{ $text }” trong phạm vi của tài khoản này
    .todo = Kiểm tra lại tên, hoặc gõ ít chữ hơn.
problem-accounts-unit_unclear = Có nhiều đơn vị khớp với “{ $text }”
    .todo = Chọn đúng đơn vị trong danh sách bên dưới.
problem-accounts-export_too_large = Danh sách có hơn { $max } tài khoản, không thể tải trong một tệp
    .todo = Lọc theo đơn vị rồi tải từng phần.
problem-accounts-admin_exists = Hệ thống đã có tài khoản quản trị đang dùng
    .todo = Đăng nhập bằng tài khoản đó để tạo tài khoản khác; chỉ dùng tùy chọn --force khi không còn ai đăng nhập được.

## Danh sách
accounts-opened-at = Ngày mở tài khoản
## Dòng lệnh
problem-accounts-no_such_login = Không có tài khoản “{ $login }”
    .todo = Kiểm tra lại tên đăng nhập; chạy “vungxanh admin list” để xem danh sách.
