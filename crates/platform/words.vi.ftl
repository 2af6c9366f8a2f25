# Khung trang
menu = Trình đơn
skip-to-content = Chuyển đến nội dung chính
search-placeholder = Tìm đơn vị, văn bản, nhiệm vụ
drill-banner = Diễn tập: { $at }
change-password = Đổi mật khẩu
sign-out = Đăng xuất
switch-to-vietnamese = Tiếng Việt
switch-to-english = English
switch-to-dark = Nền tối
switch-to-light = Nền sáng
whole-country = Cả nước
go-back = Quay lại
go-home = Về trang chủ
problem-reference = Mã tra cứu

# Vai trò
role-admin = Quản trị hệ thống
    .about = quản lý tài khoản, đơn vị và vận hành phần mềm
role-chair = Lãnh đạo
    .about = lãnh đạo, điều hành Ủy ban nhân dân, Ban Chỉ đạo hoặc Trung tâm Chỉ huy
role-office = Văn phòng
    .about = giúp lãnh đạo tiếp nhận văn bản, giao việc và đôn đốc thực hiện
role-head = Thủ trưởng đơn vị
    .about = đứng đầu và chịu trách nhiệm về đơn vị
role-officer = Cán bộ, chuyên viên
    .about = thực hiện nhiệm vụ của đơn vị
role-observer = Theo dõi, kiểm tra
    .about = chỉ xem, không thay đổi
role-system = Phần mềm
    .about = việc do phần mềm tự thực hiện; không giao cho cá nhân

# Sự cố chung: điều gì xảy ra, việc cần làm
problem-not_found = Không tìm thấy trang hoặc hồ sơ này
    .todo = Kiểm tra lại địa chỉ hoặc dùng ô tìm kiếm. Nếu hồ sơ thuộc đơn vị khác, hãy hỏi đơn vị đó.
problem-forbidden = Tài khoản này chưa có quyền thực hiện việc đó tại đơn vị này
    .todo = Nếu đây là việc được phân công, hãy đề nghị quản trị hệ thống của đơn vị cấp quyền “{ $permission }”.
problem-unauthenticated = Phiên đăng nhập đã hết
    .todo = Đăng nhập lại rồi làm tiếp.
problem-internal = Phần mềm gặp lỗi; dữ liệu chưa bị thay đổi
    .todo = Thử lại. Nếu vẫn lỗi, hãy báo quản trị hệ thống kèm mã tra cứu dưới đây.
problem-engine-key_reused = Biểu mẫu này đã được dùng cho một việc khác
    .todo = Mở lại trang rồi gửi lại.

# Biểu mẫu và tệp gửi lên
problem-web-field = Ô “{ $field }” trống hoặc không đọc được: “{ $value }”
    .todo = Quay lại, điền lại ô này rồi gửi.
problem-web-forged = Biểu mẫu không được gửi từ trang đang mở của phần mềm
    .todo = Mở lại trang rồi gửi lại. Không bấm vào liên kết lạ trong tin nhắn hoặc thư điện tử.
problem-web-unreadable = Nội dung gửi lên bị gián đoạn, không đọc được
    .todo = Kiểm tra đường truyền rồi gửi lại.
problem-web-too_large = Nội dung gửi lên quá lớn
    .todo = Chia thành nhiều lần gửi, hoặc giảm độ phân giải bản quét.
problem-web-too_many_fields = Biểu mẫu có quá nhiều mục (tối đa { $max }) hoặc một mục quá dài
    .todo = Chia thành nhiều lần gửi.
problem-web-too_many_files = Có quá nhiều tệp trong một lần gửi (tối đa { $max })
    .todo = Chia thành nhiều lần gửi.
problem-web-too_many = Có quá nhiều yêu cầu từ địa chỉ này
    .todo = Chờ một phút rồi thử lại.
problem-evidence-too_large = Tệp “{ $name }” quá lớn ({ $mb } MB)
    .todo = Mỗi tệp tối đa 20 MB. Chia nhỏ tệp hoặc giảm độ phân giải bản quét.
problem-evidence-empty = Tệp “{ $name }” trống
    .todo = Mở tệp trên máy để kiểm tra, rồi chọn lại.
problem-evidence-kind = Tệp “{ $name }” không thuộc loại được tiếp nhận
    .todo = Gửi tệp PDF, ảnh JPG hoặc PNG, DOCX, XLSX, CSV hoặc TXT.
problem-evidence-not_what_it_says = Nội dung tệp “{ $name }” không khớp với phần mở rộng của tên tệp
    .todo = Lưu lại tệp bằng phần mềm đã tạo ra nó, rồi gửi lại.
problem-files-missing = Tệp đã lưu không còn trong kho ({ $hash })
    .todo = Báo quản trị hệ thống khôi phục kho tệp từ bản sao lưu.
problem-files-damaged = Tệp đã lưu bị hỏng, nội dung không khớp mã kiểm tra ({ $hash })
    .todo = Báo quản trị hệ thống khôi phục tệp này từ bản sao lưu.

# Kho dữ liệu
problem-store-changed_meanwhile = Hồ sơ vừa được người khác thay đổi
    .todo = Mở lại trang để xem nội dung mới, rồi làm lại nếu vẫn cần.
problem-store-already_there = Dữ liệu này đã có ({ $what })
    .todo = Mở lại trang để xem nội dung hiện có.
problem-store-busy = Có quá nhiều thao tác đang chờ ghi; thao tác này chưa được ghi
    .todo = Chờ vài giây rồi gửi lại.
problem-store-away = Kho dữ liệu tạm thời không phản hồi; thao tác này chưa được ghi
    .todo = Thử lại sau một phút. Nếu vẫn lỗi, hãy báo quản trị hệ thống.
problem-store-full = Ổ đĩa đã đầy; thao tác này chưa được ghi
    .todo = Báo ngay quản trị hệ thống giải phóng dung lượng ổ đĩa.
problem-store-open = Không mở được kho dữ liệu { $url }
    .todo = Kiểm tra đường dẫn, quyền truy cập và máy chủ dữ liệu, rồi khởi động lại.
problem-store-migration_changed = Bước { $step } của cấu trúc dữ liệu khác với bước đã chạy
    .todo = Dùng đúng bản phần mềm đã phát hành; không sửa các bước đã chạy.
problem-store-newer = Dữ liệu được tạo bởi bản phần mềm mới hơn (bước { $step })
    .todo = Cài bản phần mềm mới hơn rồi khởi động lại.

# Đăng nhập
problem-accounts-sign_in_wrong = Tên đăng nhập hoặc mật khẩu không đúng
    .todo = Nhập lại. Sau 5 lần sai, tài khoản bị khóa 15 phút. Nếu quên mật khẩu, hãy đề nghị quản trị hệ thống của đơn vị cấp lại.
problem-accounts-locked = Tài khoản bị khóa tạm thời đến { $until } do nhập sai mật khẩu nhiều lần
    .todo = Chờ hết thời gian khóa, hoặc đề nghị quản trị hệ thống của đơn vị mở khóa.
problem-accounts-password_too_short = Mật khẩu quá ngắn
    .todo = Dùng ít nhất { $min } ký tự; nên ghép vài từ dễ nhớ với bản thân, khó đoán với người khác.

## Niêm phong nhật ký
journal-walked = Đã kiểm tra { $blocks } khối với { $entries } dòng nhật ký.
journal-newest = Khối mới nhất: số { $block }, mã { $hash }.
journal-unsealed = { $n } dòng do bản phần mềm cũ ghi chưa được niêm phong; chạy: vungxanh journal seal.
journal-sound = Nhật ký nguyên vẹn: không có dòng nào bị sửa, xóa, chèn hoặc đổi thứ tự.
journal-not-sound = NHẬT KÝ ĐÃ BỊ CAN THIỆP. Giữ nguyên máy chủ, không khôi phục đè lên; lập biên bản, so với bản sao lưu gần nhất và báo cáo người có thẩm quyền.
journal-more-faults = … và { $n } chỗ sai khác nữa.
journal-head-said = Khối { $block }, niêm phong lúc { $at }, mã công bố: { $hash }.
journal-no-head = Nhật ký chưa có dòng nào.
journal-sealed-said = Đã niêm phong { $n } dòng nhật ký do bản phần mềm cũ ghi.
journal-fault-entry-changed = Dòng ở vị trí { $place } của khối { $block } đã bị sửa (mã dòng { $id }).
journal-fault-entry-removed = Dòng ở vị trí { $place } của khối { $block } đã bị xóa.
journal-fault-entry-inserted = Có dòng bị chèn vào khối { $block } (mã dòng { $id }).
journal-fault-entry-outside = Có dòng không qua phần mềm, không thuộc khối nào (mã dòng { $id }).
journal-fault-entry-moved = Dòng ở vị trí { $place } của khối { $block } đã bị đổi thứ tự (mã dòng { $id }).
journal-fault-entries-exchanged = Các dòng của khối { $block } không phải là những dòng đã niêm phong: có dòng bị thay hoặc bị tráo với khối khác.
journal-fault-block-changed = Khối { $block } đã bị sửa.
journal-fault-block-removed = Khối { $block } đã bị xóa.
journal-fault-chain-broken = Khối { $block } không nối tiếp khối liền trước: một trong hai khối đã bị thay.
journal-fault-end-differs = Khối cuối cùng là { $block }, trong khi nhật ký ghi nhận đã có đến khối { $noted }: phần cuối bị cắt bỏ hoặc bị nối thêm.
journal-fault-end-missing = Mất dấu ghi nhận khối cuối cùng (khối { $block }).
journal-fault-published-cut = Khối { $block } đã được công bố nhưng không còn: nhật ký bị cắt, nay chỉ đến khối { $last }.
journal-fault-published-differs = Khối { $block } có mã khác với mã đã công bố: nhật ký đã bị viết lại.
problem-journal-published = “{ $text }” không phải là số khối và mã đã công bố
    .todo = Viết số khối, dấu hai chấm, rồi ít nhất 16 chữ số đầu của mã, ví dụ 1204:3f0c19aa5be27741.
