jobs-nav = Việc nền
jobs-title = Việc nền của phần mềm
jobs-about = Những việc phần mềm tự làm theo giờ hoặc sau một thao tác: nhắc hạn, tổng hợp, dọn dẹp.
jobs-read = Xem việc nền
did-jobs-retry = Chạy lại việc nền
did-jobs-discard = Bỏ qua việc nền

jobs-figure-aside = việc lỗi, chờ xử lý
jobs-figure-running = đang chạy
jobs-figure-due = đến lượt, chờ chạy
jobs-figure-later = hẹn giờ

jobs-aside = Việc lỗi, chờ xử lý
jobs-aside-none = Không có việc nào bị lỗi. Việc nào thử nhiều lần vẫn lỗi sẽ hiện ở đây.
jobs-aside-todo = Phần mềm đã thử các việc này nhiều lần nhưng không được, nên tạm dừng. Khắc phục nguyên nhân rồi bấm “Chạy lại”; chỉ bỏ qua khi việc không còn cần thiết.
jobs-whole-system-only = Chỉ quản trị của toàn hệ thống được chạy lại hoặc bỏ qua các việc này.
jobs-last-error = Lỗi gần nhất
jobs-tries = Đã thử { $n } lần
jobs-retry-one = Chạy lại
jobs-retry-all = Chạy lại cả { $n } việc
jobs-discard-one = Bỏ qua việc này
jobs-discard-reason = Lý do bỏ qua
jobs-more = Đang hiển thị { $n } trong tổng số { $all } việc lỗi.
jobs-said-retried = Việc đã được đưa trở lại hàng chờ.
jobs-said-retried_all = Đã đưa { $n } việc trở lại hàng chờ.
jobs-said-discarded = Đã bỏ qua việc này; lý do được ghi trong nhật ký.

jobs-queue = Hàng chờ
jobs-queue-none = Không có việc nào đang chờ.
jobs-state-running = Đang chạy
jobs-state-due = Đến lượt
jobs-state-later = Hẹn giờ

jobs-error-process_ended = Phần mềm bị dừng đột ngột mỗi lần chạy việc này
jobs-error-panicked = Phần mềm gặp lỗi khi chạy việc này
jobs-error-unknown_kind = Phiên bản phần mềm này không có loại việc đó
jobs-error-without_words = Lỗi kỹ thuật; quản trị của toàn hệ thống xem được chi tiết

jobs-overview-line = Có { $n } việc nền của phần mềm bị lỗi, chờ xử lý.
jobs-overview-look = Xem và xử lý

job-accounts-sweep = Xóa dữ liệu đã hết thời hạn lưu
job-directives-complete = Kết thúc văn bản khi mọi nhiệm vụ đã xong

problem-jobs-not_set_aside = Việc này không còn chờ xử lý
    .todo = Mở lại trang Việc nền để xem trạng thái hiện tại.
problem-jobs-reason_missing = Chưa ghi lý do bỏ qua, hoặc lý do quá dài
    .todo = Ghi lý do bỏ qua việc này, tối đa { $max } ký tự.
job-tasks-recur = Mở kỳ tiếp theo của nhiệm vụ định kỳ
job-tasks-escalate = Nhắc việc, báo cấp trên và đơn vị giao việc khi quá hạn
job-tasks-replan = Tính lại mốc nhắc việc theo quy định mới
job-tasks-withdraw = Kết thúc định kỳ của văn bản đã thu hồi hoặc được thay thế
job-tasks-hand_over = Bàn giao nhiệm vụ khi thay người đứng đầu
job-directives-reopen = Mở lại văn bản khi có nhiệm vụ được mở lại
job-directives-index = Lập chỉ mục viện dẫn của văn bản
job-directives-import = Đọc các tệp tiếp nhận hàng loạt
job-units-note_tenure = Ghi nhiệm kỳ của người đứng đầu
job-units-note_tenures = Ghi nhiệm kỳ từ nhật ký
job-tasks-tidy = Dọn số liệu đã về không, cập nhật thống kê cơ sở dữ liệu
