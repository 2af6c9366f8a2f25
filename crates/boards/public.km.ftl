### Tiếng Khmer của cổng thông tin cho người dân (/public).
###
### Mỗi dòng bắt đầu bằng "# " là câu tiếng Việt, dòng ngay dưới là câu tiếng Khmer. Các câu tiếng Khmer chưa được cán bộ
### thạo tiếng Khmer đọc lại. Tỉnh muốn sửa chỉ cần sửa tệp này: sửa phần sau dấu "=", giữ nguyên phần trước dấu "=" và
### những chỗ trong ngoặc như { $n }; tên đơn vị hành chính giữ tiếng Việt, chữ số là 0–9.
###
### Each text stands below the Vietnamese one that it says; a test compares both with the program.

## Khung trang

# Trình đơn
menu = ម៉ឺនុយ
# Chuyển đến nội dung chính
skip-to-content = ទៅកាន់ខ្លឹមសារ
# Diễn tập
drill = សមយុទ្ធ
# Thông tin phòng, chống dịch
portal-name = ព័ត៌មានស្តីពីការបង្ការ ទប់ស្កាត់ជំងឺរាតត្បាត
# Dữ liệu mẫu để diễn tập, không phải thông tin thật.
portal-drill = ទិន្នន័យគំរូសម្រាប់សមយុទ្ធ មិនមែនជាព័ត៌មានពិតទេ។
# Ngôn ngữ
portal-languages = ភាសា
# Nếu bản dịch khác bản tiếng Việt, thực hiện theo bản tiếng Việt.
portal-translated = អត្ថបទភាសាខ្មែរនេះមិនទាន់ត្រូវបានមន្ត្រីដែលមានភាសាខ្មែរជាភាសាកំណើតពិនិត្យទេ។ បើមានន័យខុសគ្នា ត្រូវអនុវត្តតាមអត្ថបទភាសាវៀតណាម។
# Nơi bạn ở thuộc mức nguy cơ nào?
portal-title = កន្លែងដែលអ្នករស់នៅស្ថិតក្នុងកម្រិតហានិភ័យណា?
# Tra cứu
portal-nav-search = ស្វែងរក
# Bản đồ
portal-nav-map = ផែនទី
# Được làm gì?
portal-nav-activities = អាចធ្វើអ្វីបាន?
# Số ca
portal-nav-numbers = ចំនួនករណីឆ្លង
# Thông báo
portal-nav-announcements = សេចក្តីជូនដំណឹង
# Quyết định
portal-nav-decisions = សេចក្តីសម្រេច
# Gọi ai?
portal-nav-directory = ហៅទូរស័ព្ទទៅណា?
# Dữ liệu mở
portal-nav-data = ទិន្នន័យបើកចំហ
# Cảnh báo công khai (Atom, CAP)
portal-alerts = ការព្រមានជាសាធារណៈ (Atom, CAP)
# Thông tin thay đổi gần nhất lúc { $at }. Mức chỉ có hiệu lực khi có quyết định.
portal-changed = ព័ត៌មានត្រូវបានកែប្រែចុងក្រោយនៅម៉ោង { $at }។ កម្រិតហានិភ័យចូលជាធរមានតែពេលមានសេចក្តីសម្រេចប៉ុណ្ណោះ។
# Trang này không hỏi tên, không đặt cookie, không lưu vị trí của bạn.
portal-privacy = ទំព័រនេះមិនសួរឈ្មោះ មិនដាក់ខូគី (cookie) និងមិនរក្សាទុកទីតាំងរបស់អ្នកទេ។

## Tra cứu

# Tên xã, phường, thị trấn hoặc huyện
portal-search-label = ឈ្មោះឃុំ សង្កាត់ ទីប្រជុំជន ឬស្រុក
# ví dụ: Lịch Hội Thượng
portal-search-example = ឧទាហរណ៍៖ Lịch Hội Thượng
# Tra cứu
portal-search-do = ស្វែងរក
# Gõ có dấu hoặc không dấu đều được; thêm tên huyện nếu trùng tên.
portal-search-hint = សូមវាយឈ្មោះជាភាសាវៀតណាម មានសញ្ញា ឬគ្មានសញ្ញាក៏បាន បើមានឈ្មោះដូចគ្នា សូមបន្ថែមឈ្មោះស្រុក។
# Tìm theo vị trí của tôi
portal-position-do = ស្វែងរកតាមទីតាំងរបស់ខ្ញុំ
# Vị trí chỉ được dùng trong máy của bạn, không gửi đi.
portal-position-private = ទីតាំងត្រូវបានប្រើតែក្នុងឧបករណ៍របស់អ្នកប៉ុណ្ណោះ មិនត្រូវបានបញ្ជូនចេញទេ។
# Đang xác định vị trí…
portal-position-looking = កំពុងស្វែងរកទីតាំង…
# Thiết bị chưa cho phép dùng vị trí. Bạn gõ tên xã vào ô trên.
portal-position-denied = ឧបករណ៍មិនទាន់អនុញ្ញាតឱ្យប្រើទីតាំងទេ។ សូមវាយឈ្មោះឃុំក្នុងប្រអប់ខាងលើ។
# Vị trí của bạn nằm ngoài địa bàn mà trang này có thông tin. Bạn gõ tên xã vào ô trên.
portal-position-away = ទីតាំងរបស់អ្នកនៅក្រៅតំបន់ដែលទំព័រនេះមានព័ត៌មាន។ សូមវាយឈ្មោះឃុំក្នុងប្រអប់ខាងលើ។
# Chưa xác định được vị trí. Bạn gõ tên xã vào ô trên.
portal-position-failed = រកទីតាំងមិនឃើញទេ។ សូមវាយឈ្មោះឃុំក្នុងប្រអប់ខាងលើ។
# Tìm thấy { $n } nơi
portal-found = រកឃើញ { $n } កន្លែង
# Còn nơi khác trùng tên. Gõ thêm tên huyện.
portal-found-more = នៅមានកន្លែងផ្សេងទៀតដែលមានឈ្មោះដូចគ្នា។ សូមបន្ថែមឈ្មោះស្រុក។
# Không tìm thấy nơi nào tên “{ $text }”
portal-nothing-found = រកមិនឃើញកន្លែងណាឈ្មោះ “{ $text }” ទេ
# Kiểm tra lại chính tả, hoặc chỉ gõ tên riêng, ví dụ “Trung Bình”.
portal-nothing-found-todo = សូមពិនិត្យអក្ខរាវិរុទ្ធឡើងវិញ ឬវាយតែឈ្មោះប៉ុណ្ណោះ ឧទាហរណ៍ “Trung Bình”។
# Hiện nay ở { $name }
portal-now = បច្ចុប្បន្ននៅ { $name }
# Xem bản đồ
portal-see-map = មើលផែនទី
# Xem đầy đủ
portal-see-place = មើលព័ត៌មានពេញលេញ
# Xem mọi thông báo
portal-all-announcements = មើលសេចក្តីជូនដំណឹងទាំងអស់
# Tôi có được…?
portal-may-i = តើខ្ញុំអាច…បានទេ?
# { $n } xã
portal-n-communes = { $n } ឃុំ

## Mức của một nơi

# Chưa có quyết định
portal-no-level = មិនទាន់មានសេចក្តីសម្រេច
# Nơi này chưa có quyết định về mức nguy cơ. Biện pháp chung của tỉnh vẫn áp dụng; nếu cần hỏi, bạn gọi các số dưới đây.
portal-no-level-todo = កន្លែងនេះមិនទាន់មានសេចក្តីសម្រេចស្តីពីកម្រិតហានិភ័យទេ។ វិធានការរួមរបស់ខេត្តនៅតែត្រូវអនុវត្ត។ បើចង់សួរព័ត៌មាន សូមហៅទូរស័ព្ទតាមលេខខាងក្រោម។
# Thuộc
portal-lies-in = ស្ថិតក្នុង
# Từ { $at }
portal-since = ចាប់ពីម៉ោង { $at }
# đến { $at }
portal-until = ដល់ម៉ោង { $at }
# dự kiến đến { $at }
portal-until-planned = គ្រោងដល់ម៉ោង { $at }
# đến khi có quyết định mới
portal-until-next = រហូតដល់មានសេចក្តីសម្រេចថ្មី
# Từ { $at }
portal-from = ចាប់ពីម៉ោង { $at }
# Từ { $at } chuyển sang
portal-turns = ចាប់ពីម៉ោង { $at } ប្តូរទៅជា
# chưa có hiệu lực
portal-ahead = មិនទាន់ចូលជាធរមាន
# Có khu vực phong tỏa
portal-lockdown = មានតំបន់បិទខ្ទប់
# Gọi ai
portal-call = ហៅទូរស័ព្ទទៅណា
# Chưa có số điện thoại nào được công bố. Đến trụ sở UBND hoặc trạm y tế gần nhất để hỏi.
portal-call-none = មិនទាន់មានលេខទូរស័ព្ទណាត្រូវបានផ្សព្វផ្សាយទេ។ សូមទៅសួរនៅទីស្នាក់ការគណៈកម្មាធិការប្រជាជន ឬស្ថានីយសុខាភិបាលដែលនៅជិតបំផុត។
# Ủy ban nhân dân { $name }
portal-committee = គណៈកម្មាធិការប្រជាជន { $name }
# Ủy ban nhân dân
portal-committees = គណៈកម្មាធិការប្រជាជន
# Được làm gì ở đây
portal-what-may = អាចធ្វើអ្វីបាននៅទីនេះ
# Xem toàn bộ biện pháp
portal-all-measures = មើលវិធានការទាំងអស់
# Phần này tóm tắt các văn bản đã nêu để bạn dễ đọc. Nếu có chỗ khác nhau, thực hiện theo quyết định của cơ quan có thẩm quyền.
portal-measures-about = ផ្នែកនេះសង្ខេបឯកសារដែលបានរៀបរាប់ ដើម្បីងាយស្រួលអាន។ បើមានចំណុចខុសគ្នា ត្រូវអនុវត្តតាមសេចក្តីសម្រេចរបស់អាជ្ញាធរមានសមត្ថកិច្ច។
# Các xã giáp ranh
portal-neighbours = ឃុំជាប់ព្រំប្រទល់
# Các xã, phường, thị trấn
portal-communes = ឃុំ សង្កាត់ ទីប្រជុំជន

## Được làm gì

# Được phép
portal-verdict-allowed = អនុញ្ញាត
# Hạn chế
portal-verdict-limited = មានកម្រិត
# Không được
portal-verdict-banned = ហាមឃាត់
# Hỏi UBND xã
portal-verdict-ask = សួរឃុំ
# theo tài liệu đã công bố
portal-mark-found = តាមឯកសារដែលបានផ្សព្វផ្សាយ
# theo bản tóm tắt, chưa đối chiếu văn bản
portal-mark-summary = តាមសេចក្តីសង្ខេប មិនទាន់ផ្ទៀងផ្ទាត់នឹងឯកសារដើម
# chưa đối chiếu văn bản
portal-mark-recalled = មិនទាន់ផ្ទៀងផ្ទាត់នឹងឯកសារដើម
# vận dụng, chưa đối chiếu văn bản
portal-mark-assumed = យកមកអនុវត្តតាមភាពស្រដៀងគ្នា មិនទាន់ផ្ទៀងផ្ទាត់នឹងឯកសារដើម
# chưa có nguồn
portal-mark-empty = មិនទាន់មានប្រភព
# Chọn một việc để xem ở xã của bạn có được làm không.
portal-activities-about = សូមជ្រើសរើសសកម្មភាពមួយ ដើម្បីមើលថានៅឃុំរបស់អ្នកអាចធ្វើបានឬទេ។
# Hoạt động
portal-activity = សកម្មភាព
# Xã của bạn
portal-your-commune = ឃុំរបស់អ្នក
# Xem xã khác
portal-other-commune = មើលឃុំផ្សេង
# Chọn xã, phường, thị trấn
portal-choose-commune = ជ្រើសរើសឃុំ សង្កាត់ ទីប្រជុំជន
# Ở từng mức
portal-by-level = តាមកម្រិតនីមួយៗ

## Bản đồ

# Bản đồ mức nguy cơ
portal-map-title = ផែនទីកម្រិតហានិភ័យ
# Danh sách
portal-map-list = បញ្ជី
# Đây là sơ đồ, không phải địa giới hành chính: mỗi ô gồm những điểm gần trung tâm của xã đó hơn các xã khác. Kết quả tìm theo vị trí cũng chỉ gần đúng.
portal-schematic = នេះជាគំនូសបំព្រួញ មិនមែនជាព្រំប្រទល់រដ្ឋបាលទេ៖ ក្រឡានីមួយៗរួមមានទីតាំងដែលនៅជិតចំណុចកណ្តាលនៃឃុំនោះជាងឃុំផ្សេង។ លទ្ធផលស្វែងរកតាមទីតាំងក៏គ្រាន់តែប្រហាក់ប្រហែលដែរ។
# Chưa có thông tin nào được công bố
portal-empty = មិនទាន់មានព័ត៌មានណាត្រូវបានផ្សព្វផ្សាយទេ
# Thông tin được công bố trong vài phút sau khi hệ thống khởi động lần đầu. Tải lại trang sau ít phút.
portal-empty-todo = ព័ត៌មាននឹងត្រូវបានផ្សព្វផ្សាយក្នុងរយៈពេលប៉ុន្មាននាទី បន្ទាប់ពីប្រព័ន្ធចាប់ផ្តើមដំណើរការលើកដំបូង។ សូមបើកទំព័រនេះម្តងទៀតនៅពេលបន្តិចទៀត។

## Số ca

# Số ca theo ngày
portal-numbers-title = ចំនួនករណីឆ្លងតាមថ្ងៃ
# Chưa có số liệu nào được báo cáo trong những ngày gần đây.
portal-numbers-none = មិនទាន់មានតួលេខណាត្រូវបានរាយការណ៍ក្នុងប៉ុន្មានថ្ងៃថ្មីៗនេះទេ។
# Số ca mới theo ngày ở { $name }, cao nhất { $most } ca
portal-chart = ចំនួនករណីឆ្លងថ្មីតាមថ្ងៃនៅ { $name } ខ្ពស់បំផុត { $most } ករណី
# Ngày
portal-day = ថ្ងៃ
# Ca mới
portal-new-cases = ករណីឆ្លងថ្មី
# Tử vong
portal-deaths = ករណីស្លាប់
# Theo huyện
portal-by-district = តាមស្រុក
# Huyện
portal-district = ស្រុក
# 7 ngày qua
portal-last-week = 7 ថ្ងៃកន្លងមក
# ({ $n } ngày có số liệu)
portal-of-days = ({ $n } ថ្ងៃមានតួលេខ)
# dưới 5
portal-under-five = ក្រោម 5
# không công bố
portal-withheld = មិនផ្សព្វផ្សាយ
# chưa báo cáo
portal-missing = មិនទាន់រាយការណ៍
# Ở nơi có từ 20.000 dân trở xuống, số từ 1 đến 4 được ghi là “dưới 5” để không ai bị nhận ra. Nếu từ các tổng số có thể suy ra số đó thì số 0 của nơi khác cũng được ghi là “dưới 5”, hoặc có thêm số không được công bố. Số của ngày đang diễn ra chỉ có ở cấp tỉnh.
portal-suppressed = នៅកន្លែងដែលមានប្រជាជនពី 20.000 នាក់ចុះក្រោម ចំនួនពី 1 ដល់ 4 ត្រូវសរសេរថា “ក្រោម 5” ដើម្បីកុំឱ្យគេស្គាល់អ្នកជំងឺ។ បើអាចគណនារកចំនួននោះឃើញពីចំនួនសរុប ចំនួន 0 របស់កន្លែងផ្សេងក៏ត្រូវសរសេរថា “ក្រោម 5” ដែរ ឬមានចំនួនផ្សេងទៀតមិនត្រូវបានផ្សព្វផ្សាយ។ ចំនួនសម្រាប់ថ្ងៃនេះដែលមិនទាន់ចប់ មានតែនៅថ្នាក់ខេត្តប៉ុណ្ណោះ។

## Quyết định, thông báo, danh bạ

# Quyết định về mức nguy cơ
portal-decisions-title = សេចក្តីសម្រេចស្តីពីកម្រិតហានិភ័យ
# Chưa có quyết định nào được công bố.
portal-decisions-none = មិនទាន់មានសេចក្តីសម្រេចណាត្រូវបានផ្សព្វផ្សាយទេ។
# Đang xem { $n } trên { $all } quyết định; tất cả có trong tệp.
portal-decisions-more = កំពុងបង្ហាញសេចក្តីសម្រេច { $n } ក្នុងចំណោម { $all }។ សេចក្តីសម្រេចទាំងអស់មានក្នុងឯកសារ CSV។
# Nơi
portal-place = កន្លែង
# Mức
portal-level = កម្រិត
# Hiệu lực từ
portal-effect = ចូលជាធរមានពី
# Số, ngày ký
portal-number = លេខ ថ្ងៃចុះហត្ថលេខា
# Cơ quan, chức vụ người ký
portal-issuer = ស្ថាប័នចេញ តួនាទីអ្នកចុះហត្ថលេខា
# Tải tệp CSV
portal-take-csv = ទាញយកឯកសារ CSV
# Hiện không có thông báo nào.
portal-announcements-none = បច្ចុប្បន្នគ្មានសេចក្តីជូនដំណឹងទេ។
# Thông báo này chỉ có tiếng Việt.
portal-only-vietnamese = សេចក្តីជូនដំណឹងនេះមានតែជាភាសាវៀតណាមប៉ុណ្ណោះ។
# Đường dây nóng, sở chỉ huy
portal-directory-title = លេខទូរស័ព្ទទាន់ហេតុការណ៍ មជ្ឈមណ្ឌលបញ្ជាការ
# Đường dây nóng
publication-kind-hotline = លេខទូរស័ព្ទទាន់ហេតុការណ៍
# Sở chỉ huy
publication-kind-command_centre = មជ្ឈមណ្ឌលបញ្ជាការ
# Cơ sở y tế, cấp cứu
publication-kind-health = មូលដ្ឋានសុខាភិបាល សង្គ្រោះបន្ទាន់

## Ô nhúng, trang không có

# Nhúng ô này vào trang khác
portal-embed = បញ្ចូលប្រអប់នេះក្នុងគេហទំព័រផ្សេង
# Ô cho biết mức đang có hiệu lực của nơi này và tự cập nhật. Ai cũng được nhúng, không cần xin phép.
portal-embed-about = ប្រអប់នេះបង្ហាញកម្រិតដែលកំពុងជាធរមាននៅកន្លែងនេះ និងធ្វើបច្ចុប្បន្នភាពដោយខ្លួនឯង។ អ្នកណាក៏អាចយកទៅប្រើបាន ដោយមិនចាំបាច់សុំការអនុញ្ញាត។
# Chép đoạn mã này vào trang của bạn
portal-embed-snippet = ចម្លងកូដនេះទៅដាក់ក្នុងគេហទំព័ររបស់អ្នក
# Xem thử
portal-embed-look = មើលសាកល្បង
# Được làm gì, gọi ai?
portal-widget-more = អាចធ្វើអ្វីបាន ហៅទូរស័ព្ទទៅណា?
# Không có trang này
portal-not-found = គ្មានទំព័រនេះទេ
# Đường dẫn đã cũ hoặc gõ sai. Tra cứu tên xã ở đây:
portal-not-found-todo = អាសយដ្ឋាននេះចាស់ ឬវាយខុស។ សូមស្វែងរកឈ្មោះឃុំនៅទីនេះ៖

## Dữ liệu mở

# Các tệp dưới đây chứa đúng thông tin đang hiển thị trên các trang này, dành cho báo chí, nhà nghiên cứu và phần mềm. Tệp thay đổi khi thông tin thay đổi; so sánh ETag để biết tệp đã thay đổi hay chưa.
portal-data-about = ឯកសារខាងក្រោមមានព័ត៌មានដូចគ្នានឹងព័ត៌មានដែលបង្ហាញលើទំព័រទាំងនេះ សម្រាប់សារព័ត៌មាន អ្នកស្រាវជ្រាវ និងកម្មវិធីកុំព្យូទ័រ។ ឯកសារផ្លាស់ប្តូរនៅពេលព័ត៌មានផ្លាស់ប្តូរ សូមប្រៀបធៀប ETag ដើម្បីដឹងថាឯកសារបានផ្លាស់ប្តូរឬនៅ។
# Được sử dụng lại, kể cả vào mục đích thương mại, với điều kiện ghi rõ nguồn. Giấy phép:
portal-data-licence = អនុញ្ញាតឱ្យប្រើប្រាស់ឡើងវិញ រួមទាំងក្នុងគោលបំណងពាណិជ្ជកម្ម ដោយត្រូវបញ្ជាក់ប្រភពឱ្យច្បាស់។ អាជ្ញាបណ្ណ៖
# Từ điển các cột
portal-data-columns = វចនានុក្រមជួរឈរ
# Trong tệp CSV, ô chữ bắt đầu bằng =, +, -, @, dấu tab hoặc dấu xuống dòng có thêm dấu ' ở đầu, để phần mềm bảng tính không coi là công thức. Ô số giữ nguyên.
portal-data-guard = ក្នុងឯកសារ CSV ក្រឡាអក្សរដែលចាប់ផ្តើមដោយ =, +, -, @, សញ្ញា tab ឬសញ្ញាចុះបន្ទាត់ មានសញ្ញា ' នៅខាងមុខ ដើម្បីកុំឱ្យកម្មវិធីតារាងយល់ថាជារូបមន្ត។ ក្រឡាលេខរក្សាទុកដដែល។
# Mức đang có hiệu lực của từng tỉnh, huyện, xã.
portal-data-file-levels-csv = កម្រិតដែលកំពុងជាធរមាននៃខេត្ត ស្រុក ឃុំនីមួយៗ។
# Như trên, dạng JSON.
portal-data-file-levels-json = ដូចខាងលើ ជាទម្រង់ JSON។
# Hình các xã kèm mức đang có hiệu lực.
portal-data-file-boundaries-geojson = រូបរាងឃុំ រួមជាមួយកម្រិតដែលកំពុងជាធរមាន។
# Ca mới theo ngày và theo nơi; không công bố số nhỏ.
portal-data-file-numbers-csv = ករណីឆ្លងថ្មីតាមថ្ងៃ និងតាមកន្លែង ចំនួនតូចមិនត្រូវបានផ្សព្វផ្សាយទេ។
# Các quyết định về mức nguy cơ.
portal-data-file-decisions-csv = សេចក្តីសម្រេចស្តីពីកម្រិតហានិភ័យ។
# Đường dây nóng, sở chỉ huy, ủy ban nhân dân.
portal-data-file-directory-csv = លេខទូរស័ព្ទទាន់ហេតុការណ៍ មជ្ឈមណ្ឌលបញ្ជាការ គណៈកម្មាធិការប្រជាជន។
# Mã của nơi trong hệ thống này, không đổi
portal-data-column-key = លេខកូដនៃកន្លែងក្នុងប្រព័ន្ធនេះ មិនផ្លាស់ប្តូរ
# Mã đơn vị hành chính của Tổng cục Thống kê, theo ngày
portal-data-column-code = លេខកូដអង្គភាពរដ្ឋបាលរបស់អគ្គនាយកដ្ឋានស្ថិតិវៀតណាម តាមថ្ងៃ
# Tên có loại đơn vị
portal-data-column-name = ឈ្មោះរួមជាមួយប្រភេទអង្គភាព
# province (tỉnh), district (huyện), commune (xã)
portal-data-column-kind = province (ខេត្ត), district (ស្រុក), commune (ឃុំ)
# Mã đơn vị cấp trên
portal-data-column-above = លេខកូដអង្គភាពថ្នាក់លើ
# Mức theo cách gọi của văn bản: risk:… (2686), cap:1–4 (128/NQ-CP), zone:… (vùng của tỉnh); trống khi chưa có quyết định
portal-data-column-level = កម្រិតតាមពាក្យក្នុងឯកសារ៖ risk:… (2686), cap:1–4 (128/NQ-CP), zone:… (តំបន់របស់ខេត្ត) ទុកទទេពេលមិនទាន់មានសេចក្តីសម្រេច
# green, yellow, orange, red
portal-data-column-colour = green (បៃតង), yellow (លឿង), orange (ទឹកក្រូច), red (ក្រហម)
# Số, ký hiệu quyết định
portal-data-column-number = លេខ និងសញ្ញាសម្គាល់សេចក្តីសម្រេច
# Cơ quan quyết định
portal-data-column-issuer = ស្ថាប័នដែលសម្រេច
# Chức vụ người ký
portal-data-column-post = តួនាទីអ្នកចុះហត្ថលេខា
# Giờ bắt đầu hiệu lực (ISO 8601, UTC)
portal-data-column-effective_at = ម៉ោងចូលជាធរមាន (ISO 8601, UTC)
# Mức trước đó
portal-data-column-before = កម្រិតមុន
# true khi hình là sơ đồ, không phải địa giới
portal-data-column-schematic = true ពេលរូបជាគំនូសបំព្រួញ មិនមែនព្រំប្រទល់
# Ngày
portal-data-column-day = ថ្ងៃ
# Ca mới trong ngày; trống khi không công bố số cụ thể
portal-data-column-cases = ករណីឆ្លងថ្មីក្នុងថ្ងៃ ទុកទទេពេលមិនផ្សព្វផ្សាយចំនួនជាក់លាក់
# under_5 (dưới 5), withheld (không công bố), not_reported (chưa báo cáo); trống khi số được công bố đầy đủ
portal-data-column-cases_note = under_5 (ក្រោម 5), withheld (មិនផ្សព្វផ្សាយ), not_reported (មិនទាន់រាយការណ៍) ទុកទទេពេលចំនួនត្រូវបានផ្សព្វផ្សាយពេញលេញ
# Tử vong trong ngày; chỉ của tỉnh
portal-data-column-deaths = ករណីស្លាប់ក្នុងថ្ងៃ សម្រាប់ខេត្តប៉ុណ្ណោះ
# Ngày ký
portal-data-column-signed_on = ថ្ងៃចុះហត្ថលេខា
# hotline (đường dây nóng), command_centre (sở chỉ huy), health (y tế), committee (ủy ban nhân dân)
portal-data-column-contact = hotline (លេខទូរស័ព្ទទាន់ហេតុការណ៍), command_centre (មជ្ឈមណ្ឌលបញ្ជាការ), health (សុខាភិបាល), committee (គណៈកម្មាធិការប្រជាជន)
# Nơi
portal-data-column-place = កន្លែង
# Số điện thoại
portal-data-column-telephone = លេខទូរស័ព្ទ
# Giờ trực
portal-data-column-hours = ម៉ោងប្រចាំការ
# Số nhỏ
portal-data-small-title = ចំនួនតូច
# Số từ 1 đến 4 của nơi có từ 20.000 dân trở xuống (hoặc chưa rõ dân số) được ghi là dưới 5, vì số cụ thể có thể làm lộ người bệnh. Nếu từ các tổng số mà suy ra được số đó thì số 0 của nơi nhỏ bên cạnh cũng được ghi là dưới 5; nếu vẫn suy ra được thì số nhỏ nhất còn lại, rồi đến tổng số của cấp trên không được công bố. Ngày đang diễn ra chỉ có số của tỉnh: so sánh hai lần tải tệp sẽ biết số vừa được báo cáo thêm.
portal-data-small = ចំនួនពី 1 ដល់ 4 នៃកន្លែងដែលមានប្រជាជនពី 20.000 នាក់ចុះក្រោម (ឬមិនទាន់ដឹងចំនួនប្រជាជន) ត្រូវសរសេរថាក្រោម 5 ព្រោះចំនួនជាក់លាក់អាចធ្វើឱ្យគេស្គាល់អ្នកជំងឺ។ បើអាចគណនារកចំនួននោះឃើញពីចំនួនសរុប ចំនួន 0 នៃកន្លែងតូចនៅក្បែរនោះក៏ត្រូវសរសេរថាក្រោម 5 ដែរ បើនៅតែអាចគណនារកឃើញ ចំនួនតូចបំផុតដែលនៅសល់ បន្ទាប់មកចំនួនសរុបនៃថ្នាក់លើ មិនត្រូវបានផ្សព្វផ្សាយទេ។ ថ្ងៃនេះដែលមិនទាន់ចប់មានតែតួលេខរបស់ខេត្ត ព្រោះបើទាញយកឯកសារពីរលើកមកប្រៀបធៀប គេនឹងដឹងចំនួនដែលទើបរាយការណ៍បន្ថែម។

## Tên các mức

# Bình thường mới
zone-level-risk-new_normal = ប្រក្រតីភាពថ្មី
# Nguy cơ
zone-level-risk-at_risk = មានហានិភ័យ
# Nguy cơ cao
zone-level-risk-high = ហានិភ័យខ្ពស់
# Nguy cơ rất cao
zone-level-risk-very_high = ហានិភ័យខ្ពស់ខ្លាំង
# Cấp 1
zone-level-cap-1 = កម្រិតទី 1
# Cấp 2
zone-level-cap-2 = កម្រិតទី 2
# Cấp 3
zone-level-cap-3 = កម្រិតទី 3
# Cấp 4
zone-level-cap-4 = កម្រិតទី 4
# Vùng xanh
zone-level-zone-green = តំបន់បៃតង
# Vùng vàng
zone-level-zone-yellow = តំបន់លឿង
# Vùng cam
zone-level-zone-orange = តំបន់ទឹកក្រូច
# Vùng đỏ
zone-level-zone-red = តំបន់ក្រហម
# Người dân, tụ tập
zone-sector-people = ប្រជាពលរដ្ឋ ការជួបជុំ
# Y tế, cách ly
zone-sector-health = សុខាភិបាល ការដាក់ឱ្យនៅដាច់ដោយឡែក
# Kinh doanh, dịch vụ, sản xuất
zone-sector-business = អាជីវកម្ម សេវាកម្ម ផលិតកម្ម
# Công sở, trường học
zone-sector-work = ការិយាល័យ សាលារៀន
# Giao thông, vận tải
zone-sector-transport = ចរាចរណ៍ ការដឹកជញ្ជូន

## Hoạt động: được phép, hạn chế, không được

# Mở quán ăn, hàng ăn uống
activity-eatery = បើកភោជនីយដ្ឋាន ហាងអាហារ
# Phục vụ không quá 4 người một bàn, các bàn cách nhau 2 m.
activity-eatery-zone-1 = បម្រើភ្ញៀវមិនលើសពី 4 នាក់ក្នុងមួយតុ តុនីមួយៗឃ្លាតគ្នា 2 ម៉ែត្រ។
# Được mở, thực hiện 5K.
activity-eatery-risk-1 = អាចបើកបាន ដោយអនុវត្ត 5K។
# Không tụ tập từ 10 người, giữ khoảng cách 2 m; nơi đã có quy định số người một bàn thì theo quy định đó.
activity-eatery-risk-3 = មិនត្រូវជួបជុំចាប់ពី 10 នាក់ឡើង ត្រូវរក្សាគម្លាត 2 ម៉ែត្រ។ កន្លែងដែលមានបទប្បញ្ញត្តិស្តីពីចំនួនមនុស្សក្នុងមួយតុរួចហើយ ត្រូវអនុវត្តតាមបទប្បញ្ញត្តិនោះ។
# Kinh doanh không thiết yếu phải dừng. Bán mang về có được không: hỏi UBND xã trước khi mở.
activity-eatery-risk-4 = ត្រូវបញ្ឈប់អាជីវកម្មដែលមិនមែនជាអាជីវកម្មចាំបាច់។ លក់ខ្ចប់ឱ្យយកទៅផ្ទះបានឬទេ៖ សូមសួរគណៈកម្មាធិការប្រជាជនឃុំមុននឹងបើក។
# Được mở.
activity-eatery-cap-1 = អាចបើកបាន។
# Được mở, hạn chế số khách theo hướng dẫn của tỉnh.
activity-eatery-cap-3 = អាចបើកបាន ដោយកម្រិតចំនួនភ្ញៀវតាមការណែនាំរបស់ខេត្ត។
# Chợ, siêu thị, cửa hàng thiết yếu
activity-market = ផ្សារ ផ្សារទំនើប ហាងលក់ទំនិញចាំបាច់
# Được mở, thực hiện 5K.
activity-market-risk-1 = អាចបើកបាន ដោយអនុវត្ត 5K។
# Được mở; giữ khoảng cách 2 m, không tụ tập từ 10 người.
activity-market-risk-3 = អាចបើកបាន ដោយរក្សាគម្លាត 2 ម៉ែត្រ និងមិនត្រូវជួបជុំចាប់ពី 10 នាក់ឡើង។
# Chỉ hàng hóa, dịch vụ thiết yếu; không tập trung từ 3 người, giữ khoảng cách 2 m.
activity-market-risk-4 = អនុញ្ញាតតែទំនិញ និងសេវាចាំបាច់ប៉ុណ្ណោះ។ មិនត្រូវប្រមូលផ្តុំចាប់ពី 3 នាក់ឡើង ត្រូវរក្សាគម្លាត 2 ម៉ែត្រ។
# Được mở.
activity-market-cap-1 = អាចបើកបាន។
# Được mở, hạn chế theo hướng dẫn của tỉnh.
activity-market-cap-3 = អាចបើកបាន ដោយមានកម្រិតតាមការណែនាំរបស់ខេត្ត។
# Karaoke, quán bar, vũ trường, mát-xa
activity-entertainment = ការ៉ាអូខេ បារ រង្គសាល ម៉ាស្សា
# Được mở, thực hiện 5K.
activity-entertainment-risk-1 = អាចបើកបាន ដោយអនុវត្ត 5K។
# Phải dừng.
activity-entertainment-risk-2 = ត្រូវបញ្ឈប់។
# Hoạt động hạn chế theo hướng dẫn của tỉnh.
activity-entertainment-cap-1 = ដំណើរការដោយមានកម្រិតតាមការណែនាំរបស់ខេត្ត។
# Phải dừng.
activity-entertainment-cap-3 = ត្រូវបញ្ឈប់។
# Họp, hội nghị, sự kiện, tụ tập
activity-gathering = កិច្ចប្រជុំ សន្និសីទ ព្រឹត្តិការណ៍ ការជួបជុំ
# Không quá 20 người ở nơi công cộng.
activity-gathering-zone-1 = មិនលើសពី 20 នាក់នៅទីសាធារណៈ។
# Được tổ chức, thực hiện 5K.
activity-gathering-risk-1 = អាចរៀបចំបាន ដោយអនុវត្ត 5K។
# Hạn chế tụ tập, có giám sát; nơi công cộng theo số người đã quy định.
activity-gathering-risk-2 = ត្រូវកម្រិតការជួបជុំ ដោយមានការត្រួតពិនិត្យ។ នៅទីសាធារណៈ ត្រូវគោរពតាមចំនួនមនុស្សដែលបានកំណត់។
# Không tổ chức sự kiện từ 30 người nếu chưa được phép; ngoài công sở, trường học, bệnh viện không tụ tập từ 10 người.
activity-gathering-risk-3 = មិនត្រូវរៀបចំព្រឹត្តិការណ៍ចាប់ពី 30 នាក់ឡើង បើមិនទាន់មានការអនុញ្ញាត។ នៅក្រៅបរិវេណការិយាល័យ សាលារៀន មន្ទីរពេទ្យ មិនត្រូវជួបជុំចាប់ពី 10 នាក់ឡើង។
# Không tập trung từ 3 người trở lên.
activity-gathering-risk-4 = មិនត្រូវប្រមូលផ្តុំចាប់ពី 3 នាក់ឡើង។
# Được tổ chức.
activity-gathering-cap-1 = អាចរៀបចំបាន។
# Được tổ chức khi đủ điều kiện theo hướng dẫn của tỉnh.
activity-gathering-cap-2 = អាចរៀបចំបាន លុះត្រាតែបំពេញលក្ខខណ្ឌតាមការណែនាំរបស់ខេត្ត។
# Hạn chế tổ chức.
activity-gathering-cap-3 = ត្រូវកម្រិតការរៀបចំ។
# Không tổ chức hoặc hạn chế tối đa: hỏi UBND xã.
activity-gathering-cap-4 = មិនត្រូវរៀបចំ ឬត្រូវកម្រិតជាអតិបរមា៖ សូមសួរគណៈកម្មាធិការប្រជាជនឃុំ។
# Đám cưới, đám tang, lễ tôn giáo
activity-ceremony = ពិធីមង្គលការ ពិធីបុណ្យសព ពិធីសាសនា
# Được tổ chức, thực hiện 5K.
activity-ceremony-risk-1 = អាចរៀបចំបាន ដោយអនុវត្ត 5K។
# Được tổ chức, có giám sát của địa phương.
activity-ceremony-risk-2 = អាចរៀបចំបាន ដោយមានការត្រួតពិនិត្យពីអាជ្ញាធរមូលដ្ឋាន។
# Dưới 30 người, có giám sát của địa phương.
activity-ceremony-risk-3 = ក្រោម 30 នាក់ ដោយមានការត្រួតពិនិត្យពីអាជ្ញាធរមូលដ្ឋាន។
# Đám tang không quá 30 người, đám cưới không quá 20 người; lễ tôn giáo: hỏi UBND xã.
activity-ceremony-risk-4 = ពិធីបុណ្យសពមិនលើសពី 30 នាក់ ពិធីមង្គលការមិនលើសពី 20 នាក់។ ចំពោះពិធីសាសនា៖ សូមសួរគណៈកម្មាធិការប្រជាជនឃុំ។
# Theo hướng dẫn của tỉnh: hỏi UBND xã.
activity-ceremony-cap-1 = តាមការណែនាំរបស់ខេត្ត៖ សូមសួរគណៈកម្មាធិការប្រជាជនឃុំ។
# Vận tải hành khách công cộng
activity-passengers = ការដឹកជញ្ជូនអ្នកដំណើរសាធារណៈ
# Hoạt động, thực hiện 5K.
activity-passengers-risk-1 = ដំណើរការ ដោយអនុវត្ត 5K។
# Giảm mật độ hành khách, giảm chuyến.
activity-passengers-risk-3 = បន្ថយចំនួនអ្នកដំណើរ បន្ថយចំនួនជើងដឹកជញ្ជូន។
# Phải dừng; xe khách đi qua không dừng đỗ, đón trả khách.
activity-passengers-risk-4 = ត្រូវបញ្ឈប់។ រថយន្តដឹកអ្នកដំណើរដែលឆ្លងកាត់ មិនត្រូវឈប់ចត មិនត្រូវទទួល ឬដាក់អ្នកដំណើរ។
# Hoạt động.
activity-passengers-cap-1 = ដំណើរការ។
# Hoạt động khi đủ điều kiện theo hướng dẫn.
activity-passengers-cap-3 = អាចដំណើរការបាន លុះត្រាតែបំពេញលក្ខខណ្ឌតាមការណែនាំ។
# Dừng hoặc hạn chế: hỏi bến xe hoặc UBND xã trước khi đi.
activity-passengers-cap-4 = បញ្ឈប់ ឬកម្រិត៖ សូមសួរចំណតរថយន្ត ឬគណៈកម្មាធិការប្រជាជនឃុំ មុនពេលធ្វើដំណើរ។
# Vận chuyển hàng hóa
activity-goods = ការដឹកជញ្ជូនទំនិញ
# Được lưu thông.
activity-goods-risk-1 = អាចធ្វើចរាចរណ៍បាន។
# Sản xuất, xây dựng
activity-factory = ផលិតកម្ម សំណង់
# Hoạt động; cơ sở tự đánh giá an toàn trên antoancovid.vn.
activity-factory-risk-1 = ដំណើរការ ដោយមូលដ្ឋានវាយតម្លៃសុវត្ថិភាពដោយខ្លួនឯងលើ antoancovid.vn។
# Nguồn hiện có không nói rõ: hỏi UBND xã trước khi tiếp tục.
activity-factory-risk-4 = ប្រភពដែលមានមិនបានបញ្ជាក់ច្បាស់៖ សូមសួរគណៈកម្មាធិការប្រជាជនឃុំ មុននឹងបន្ត។
# Hoạt động.
activity-factory-cap-1 = ដំណើរការ។
# Hoạt động theo phương án an toàn của cơ sở.
activity-factory-cap-3 = ដំណើរការតាមផែនការសុវត្ថិភាពរបស់មូលដ្ឋាន។
# Làm việc tại công sở
activity-office = ការធ្វើការនៅការិយាល័យ
# Làm việc bình thường, thực hiện 5K.
activity-office-risk-1 = ធ្វើការធម្មតា ដោយអនុវត្ត 5K។
# Giảm số người làm việc tại chỗ.
activity-office-risk-3 = បន្ថយចំនួនអ្នកធ្វើការនៅនឹងកន្លែង។
# Làm việc bình thường.
activity-office-cap-1 = ធ្វើការធម្មតា។
# Giảm số người làm việc trực tiếp.
activity-office-cap-3 = បន្ថយចំនួនអ្នកមកធ្វើការផ្ទាល់។
# Học trực tiếp tại trường
activity-school = ការរៀនផ្ទាល់នៅសាលា
# Học trực tiếp, thực hiện 5K.
activity-school-risk-1 = រៀនផ្ទាល់ ដោយអនុវត្ត 5K។
# Lịch học được điều chỉnh: xem thông báo của trường.
activity-school-risk-3 = កាលវិភាគសិក្សាត្រូវបានកែសម្រួល៖ សូមមើលសេចក្តីជូនដំណឹងរបស់សាលា។
# Nguồn hiện có không nói rõ: hỏi nhà trường.
activity-school-risk-4 = ប្រភពដែលមានមិនបានបញ្ជាក់ច្បាស់៖ សូមសួរសាលារៀន។
# Học trực tiếp.
activity-school-cap-1 = រៀនផ្ទាល់។
# Học trực tiếp, có hạn chế theo hướng dẫn.
activity-school-cap-2 = រៀនផ្ទាល់ ដោយមានកម្រិតតាមការណែនាំ។
# Dừng học trực tiếp, chuyển sang trực tuyến.
activity-school-cap-4 = បញ្ឈប់ការរៀនផ្ទាល់ ប្តូរទៅរៀនតាមអនឡាញ។

## Biện pháp

# Thực hiện 5K: khẩu trang, khử khuẩn, khoảng cách, không tụ tập, khai báo y tế.
measure-5k = អនុវត្ត 5K៖ ពាក់ម៉ាស់ សម្លាប់មេរោគ រក្សាគម្លាត មិនជួបជុំ រាយការណ៍សុខភាព។
# Cơ quan, cơ sở tự đánh giá an toàn trên antoancovid.vn; vi phạm bị xử lý.
measure-self_assessment = ស្ថាប័ន មូលដ្ឋានត្រូវវាយតម្លៃសុវត្ថិភាពដោយខ្លួនឯងលើ antoancovid.vn។ អ្នកល្មើសត្រូវចាត់ការតាមច្បាប់។
# Truy vết, khoanh vùng, cách ly; người có nguy cơ phải khai báo y tế.
measure-tracing = ស្រាវជ្រាវរកអ្នកប៉ះពាល់ កំណត់តំបន់ឆ្លង ដាក់ឱ្យនៅដាច់ដោយឡែក។ អ្នកមានហានិភ័យត្រូវរាយការណ៍សុខភាព។
# Dừng vũ trường, karaoke, quán bar, mát-xa.
measure-entertainment_closed = បញ្ឈប់រង្គសាល ការ៉ាអូខេ បារ ម៉ាស្សា។
# Hạn chế tụ tập; đám cưới, đám tang, nghi lễ tôn giáo có giám sát.
measure-gatherings_limited = កម្រិតការជួបជុំ។ ពិធីមង្គលការ ពិធីបុណ្យសព ពិធីសាសនាត្រូវមានការត្រួតពិនិត្យ។
# Không tổ chức sự kiện từ 30 người trở lên nếu chưa được phép; ngoài công sở, trường học, bệnh viện không tụ tập từ 10 người; giữ khoảng cách 2 m.
measure-events_of_30 = មិនត្រូវរៀបចំព្រឹត្តិការណ៍ចាប់ពី 30 នាក់ឡើង បើមិនទាន់មានការអនុញ្ញាត។ នៅក្រៅបរិវេណការិយាល័យ សាលារៀន មន្ទីរពេទ្យ មិនត្រូវជួបជុំចាប់ពី 10 នាក់ឡើង។ ត្រូវរក្សាគម្លាត 2 ម៉ែត្រ។
# Giảm mật độ vận tải hành khách công cộng.
measure-passengers_fewer = បន្ថយចំនួនអ្នកដំណើរក្នុងការដឹកជញ្ជូនសាធារណៈ។
# Giảm số người làm việc tại công sở; điều chỉnh lịch học.
measure-fewer_on_site = បន្ថយចំនួនអ្នកធ្វើការនៅការិយាល័យ កែសម្រួលកាលវិភាគសិក្សា។
# Toàn dân khai báo y tế.
measure-declaration = ប្រជាពលរដ្ឋទាំងអស់ត្រូវរាយការណ៍សុខភាព។
# Phong tỏa theo 3986/QĐ-BYT, giãn cách toàn khu vực 14 ngày; không tập trung từ 3 người; đám tang không quá 30, đám cưới không quá 20 người.
measure-lockdown = បិទខ្ទប់តាម 3986/QĐ-BYT រក្សាគម្លាតសង្គមទូទាំងតំបន់រយៈពេល 14 ថ្ងៃ។ មិនត្រូវប្រមូលផ្តុំចាប់ពី 3 នាក់ឡើង។ ពិធីបុណ្យសពមិនលើសពី 30 នាក់ ពិធីមង្គលការមិនលើសពី 20 នាក់។
# Cách ly tại chỗ nơi có nhiều F1.
measure-isolation_on_site = ដាក់ឱ្យនៅដាច់ដោយឡែកនៅនឹងកន្លែង ចំពោះកន្លែងមានអ្នកប៉ះពាល់ផ្ទាល់ (F1) ច្រើន។
# Dừng kinh doanh không thiết yếu.
measure-essential_only = បញ្ឈប់អាជីវកម្មដែលមិនមែនជាអាជីវកម្មចាំបាច់។
# Dừng vận tải hành khách công cộng; hàng hóa được lưu thông, xe đi qua không dừng đỗ.
measure-passengers_stopped = បញ្ឈប់ការដឹកជញ្ជូនអ្នកដំណើរសាធារណៈ។ អាចដឹកជញ្ជូនទំនិញបាន។ យានយន្តដែលឆ្លងកាត់ មិនត្រូវឈប់ចត។
# Hàng, quán ăn uống phục vụ không quá 4 người một bàn, cách nhau 2 m; nơi công cộng không quá 20 người.
measure-tables_of_4 = ហាងអាហារបម្រើភ្ញៀវមិនលើសពី 4 នាក់ក្នុងមួយតុ ឃ្លាតគ្នា 2 ម៉ែត្រ។ នៅទីសាធារណៈ មិនលើសពី 20 នាក់។
# Vận chuyển hàng hóa liên tỉnh hoạt động ở mọi cấp.
measure-goods = ការដឹកជញ្ជូនទំនិញអន្តរខេត្តដំណើរការនៅគ្រប់កម្រិត។
# Sản xuất, xây dựng được hoạt động ở mọi cấp; cấp 3, 4 tự bảo đảm phương án an toàn.
measure-production = ផលិតកម្ម សំណង់អាចដំណើរការនៅគ្រប់កម្រិត។ នៅកម្រិតទី 3 និងទី 4 ត្រូវធានាផែនការសុវត្ថិភាពដោយខ្លួនឯង។
# Karaoke, quán bar, mát-xa, trò chơi điện tử hoạt động hạn chế.
measure-entertainment_limited = ការ៉ាអូខេ បារ ម៉ាស្សា ហ្គេមអេឡិចត្រូនិក ដំណើរការដោយមានកម្រិត។
# Hoạt động tập trung trong nhà, ngoài trời có điều kiện.
measure-gatherings_under_conditions = សកម្មភាពប្រមូលផ្តុំក្នុងផ្ទះ និងក្រៅផ្ទះ ត្រូវមានលក្ខខណ្ឌ។
# Hạn chế hoạt động tập trung trong nhà, ngoài trời.
measure-gatherings_restricted = កម្រិតសកម្មភាពប្រមូលផ្តុំក្នុងផ្ទះ និងក្រៅផ្ទះ។
# Dừng karaoke, quán bar, mát-xa, trò chơi điện tử; chợ, hàng ăn uống hoạt động hạn chế.
measure-entertainment_stopped = បញ្ឈប់ការ៉ាអូខេ បារ ម៉ាស្សា ហ្គេមអេឡិចត្រូនិក។ ផ្សារ ហាងអាហារដំណើរការដោយមានកម្រិត។
# Giảm số người làm việc trực tiếp; dạy học trực tiếp hạn chế.
measure-teaching_limited = បន្ថយចំនួនអ្នកមកធ្វើការផ្ទាល់។ ការបង្រៀនផ្ទាល់មានកម្រិត។
# Có thể yêu cầu xét nghiệm với người nghi ngờ đến từ nơi cấp 3; người đến từ nơi cấp 4, vùng phong tỏa phải xét nghiệm.
measure-tests = អាចតម្រូវឱ្យធ្វើតេស្តចំពោះអ្នកត្រូវសង្ស័យថាឆ្លងដែលមកពីកន្លែងកម្រិតទី 3។ អ្នកមកពីកន្លែងកម្រិតទី 4 ឬតំបន់បិទខ្ទប់ត្រូវធ្វើតេស្ត។
# Dừng hoặc hạn chế vận tải hành khách công cộng.
measure-passengers_stopped_or_limited = បញ្ឈប់ ឬកម្រិតការដឹកជញ្ជូនអ្នកដំណើរសាធារណៈ។
# Dừng dạy học trực tiếp, chuyển sang trực tuyến.
measure-teaching_online = បញ្ឈប់ការបង្រៀនផ្ទាល់ ប្តូរទៅបង្រៀនតាមអនឡាញ។
