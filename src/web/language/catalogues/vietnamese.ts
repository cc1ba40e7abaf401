import { readCatalogue } from '../catalogue.ts';

/** Tiếng Việt. Translated by the authors, not by a native reader: a native review is wanted. */
export const VIETNAMESE = readCatalogue(
  `
ただいま署名が混み合っています。順番が来ると、この画面から自動でアプリに進みます。
  Hiện có nhiều người đang ký. Khi đến lượt bạn, trang này sẽ tự chuyển sang ứng dụng.
画面を再読み込みしても、スマートフォンがスリープしても、順番は1時間保たれます。
  Chỗ của bạn được giữ trong 1 giờ, kể cả khi bạn tải lại trang hoặc điện thoại ở chế độ ngủ.
この画面を閉じたときは、署名の画面を開き、もう一度署名に進んでください。
  Nếu đã đóng trang này, hãy mở trang ký và tiếp tục ký lại.
まもなくあなたの番です。
  Sắp đến lượt bạn.
待ち時間は1分以内の見込みです。
  Thời gian chờ dự kiến dưới 1 phút.
順番をお待ちください
  Vui lòng chờ đến lượt
あなたの前に{ahead}人が待っています。
  Có {ahead} người đang chờ trước bạn.
待ち時間はおよそ{minutes}分の見込みです。
  Thời gian chờ dự kiến khoảng {minutes} phút.
署名を完了できませんでした。
  Không thể hoàn tất việc ký.
システムの設定に問題があるため、手続を続けられません。
  Không thể tiếp tục thủ tục vì có vấn đề trong thiết lập hệ thống của chúng tôi.
ただいま利用できません。
  Hiện không thể sử dụng.
この画面は、署名を始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。署名を始めた画面からやり直してください。
  Trang này không được mở trong trình duyệt đã bắt đầu ký, hoặc đã quá thời hạn. Hãy làm lại từ trang
  đã bắt đầu ký.
この署名は、手続の画面から開いてください。リンクは一度だけ使えます。手続の窓口の画面に戻り、もう一度署名に進んでください。
  Hãy mở việc ký này từ trang thủ tục. Liên kết chỉ dùng được một lần. Hãy quay lại trang của cơ quan
  tiếp nhận và vào mục ký một lần nữa.
この署名は、別のブラウザーまたは端末で開かれているか、このブラウザーのCookieが消去されています。開いたブラウザーで続けるか、手続の窓口の画面から、もう一度署名に進んでください。
  Việc ký này đang được mở trong trình duyệt hoặc thiết bị khác, hoặc cookie của trình duyệt này đã bị
  xóa. Hãy tiếp tục trong trình duyệt đã mở, hoặc vào mục ký một lần nữa từ trang của cơ quan tiếp
  nhận.
手続の有効な時間が過ぎました。
  Thời hạn của thủ tục đã hết.
システムを復旧したため、途中の署名は無効になりました。
  Hệ thống đã được khôi phục nên các chữ ký chưa hoàn tất không còn hiệu lực.
手続は取り消されました。
  Thủ tục đã bị hủy.
この手続は、いまの状態では署名できません。
  Ở trạng thái hiện tại không thể ký thủ tục này.
パスキーの応答を読み取れませんでした。もう一度お試しください。
  Không đọc được phản hồi của khóa truy cập. Hãy thử lại.
パスキーを確認できませんでした。もう一度お試しいただくか、マイナンバーカードでログインしてください。
  Không xác nhận được khóa truy cập. Hãy thử lại, hoặc đăng nhập bằng thẻ My Number.
この画面は有効な時間を過ぎたか、すでに使われています。画面を開き直して、もう一度お試しください。
  Trang này đã quá thời hạn hoặc đã được sử dụng. Hãy mở lại trang và thử lại.
このパスキーは登録されていないか、削除されています。マイナンバーカードでログインしてください。
  Khóa truy cập này chưa được đăng ký hoặc đã bị xóa. Hãy đăng nhập bằng thẻ My Number.
このパスキーは複製された疑いがあるため、使えなくしました。マイナンバーカードでログインし、パスキーを登録し直してください。
  Khóa truy cập này có thể đã bị sao chép nên đã bị vô hiệu. Hãy đăng nhập bằng thẻ My Number và đăng
  ký lại khóa truy cập.
このパスキーは複製された疑いがあるため、使えません。マイナンバーカードでログインし、パスキーを登録し直してください。
  Khóa truy cập này có thể đã bị sao chép nên không dùng được. Hãy đăng nhập bằng thẻ My Number và
  đăng ký lại khóa truy cập.
安全のため、マイナンバーカードでログインしてください。その後は、またパスキーを使えます。
  Để an toàn, hãy đăng nhập bằng thẻ My Number. Sau đó có thể dùng lại khóa truy cập.
この端末のパスキーは登録済みか、登録できる数を超えています。使わないパスキーを削除してください。
  Thiết bị này đã đăng ký khóa truy cập, hoặc đã vượt quá số lượng cho phép. Hãy xóa khóa truy cập
  không dùng.
パスキーの名前は、40文字までの見える文字で入力してください。
  Hãy đặt tên khóa truy cập bằng tối đa 40 ký tự nhìn thấy được.
手続をしている方と、署名に使われたマイナンバーカードの方が違います。
  Người làm thủ tục và người có thẻ My Number dùng để ký không phải là một.
ご本人のカードで署名するか、ログアウトしてからやり直してください。
  Hãy ký bằng thẻ của chính mình, hoặc đăng xuất rồi làm lại.
署名用電子証明書の氏名が、申請の氏名またはログインしている方の氏名と一致しません。
  Họ tên trong chứng thư số dùng để ký không khớp với họ tên trong đơn hoặc họ tên của người đang đăng
  nhập.
申請の内容を確かめ、ご本人のカードで署名してください。
  Hãy kiểm tra nội dung đơn và ký bằng thẻ của chính mình.
署名の途中でログインが終わりました。
  Phiên đăng nhập đã kết thúc trong khi đang ký.
もう一度ログインしてください。
  Hãy đăng nhập lại.
このブラウザーではログインしていません。ログインしてから、もう一度お試しください。
  Chưa đăng nhập trong trình duyệt này. Hãy đăng nhập rồi thử lại.
認証の有効な時間が終わりました。
  Thời hạn xác thực đã hết.
該当する手続はありません。
  Không có thủ tục tương ứng.
ただいま処理しています。少し待ってから、署名の画面を開き直してください。
  Đang xử lý. Hãy chờ một lát rồi mở lại trang ký.
ファイルが大きすぎます。小さいファイルを選んでください。
  Tệp quá lớn. Hãy chọn tệp nhỏ hơn.
この形で送られたものは受け付けられません。この画面からファイルを選んで送ってください。
  Không thể nhận nội dung được gửi theo cách này. Hãy chọn tệp trên trang này và gửi.
送られた内容を読み取れませんでした。ファイルを選び直して、もう一度お試しください。
  Không đọc được nội dung đã gửi. Hãy chọn lại tệp và thử lại.
ブラウザーからCookieが届かなかったため、手続を進められません。リンクはまだ使えます。Cookieを受け付ける設定にし、プライベートブラウズ(シークレットモード)ではない、ふつうの画面でもう一度開いてください。
  Không thể tiếp tục thủ tục vì không nhận được cookie từ trình duyệt. Liên kết vẫn dùng được. Hãy cho
  phép cookie và mở lại trong cửa sổ thông thường, không phải cửa sổ ẩn danh.
安全のため、この操作を中止しました。署名の画面を開き直してください。
  Để an toàn, thao tác này đã bị dừng. Hãy mở lại trang ký.
お問い合わせ窓口にご連絡ください。
  Hãy liên hệ với bộ phận hỗ trợ.
しばらくしてからもう一度お試しください。
  Hãy thử lại sau.
お手数ですが、最初からやり直してください。
  Xin vui lòng làm lại từ đầu.
自動的にやり直します。このままお待ちください。
  Hệ thống sẽ tự động thử lại. Hãy chờ ở đây.
{until}までに、署名の画面で「マイナンバーカードで署名する」を押してください。
  Trước {until}, hãy nhấn “Ký bằng thẻ My Number” trên trang ký.
{until}まで、同じ申請のままもう一度署名できます。
  Đến {until}, bạn có thể ký lại cùng một đơn.
続けるときは、手続の窓口の画面から始め直してください。
  Nếu muốn tiếp tục, hãy bắt đầu lại từ trang của cơ quan tiếp nhận.
署名をお待ちしています
  Đang chờ bạn ký
アプリでの署名をお待ちしています
  Đang chờ bạn ký trong ứng dụng
署名を確認しています
  Đang kiểm tra chữ ký
署名を受け取っています
  Đang nhận chữ ký
署名を検証しています
  Đang xác minh chữ ký
検証が終わりました
  Đã xác minh xong
署名されませんでした
  Chưa được ký
手続を続けられません
  Không thể tiếp tục thủ tục
もう一度署名してください
  Hãy ký lại
有効な時間が過ぎました
  Đã hết thời hạn
取り消されました
  Đã hủy
この手続では現在、マイナンバーカードでの認証と署名のサービスを利用できません。
  Hiện thủ tục này không thể dùng dịch vụ xác thực và ký bằng thẻ My Number.
連携に同意されなかったため、手続を中止しました。
  Thủ tục đã dừng vì bạn không đồng ý liên kết.
続けるには、アプリで連携に同意してください。
  Để tiếp tục, hãy đồng ý liên kết trong ứng dụng.
マイナンバーカードによる認証手続に失敗しました。
  Xác thực bằng thẻ My Number không thành công.
アプリに表示された内容をご確認ください。
  Hãy kiểm tra nội dung hiển thị trong ứng dụng.
アプリでの手続が完了しませんでした。
  Thủ tục trong ứng dụng chưa hoàn tất.
手続を完了できませんでした。
  Không thể hoàn tất thủ tục.
お住まいの市区町村の窓口で手続をしてください。
  Hãy làm thủ tục tại quầy của cơ quan hành chính địa phương nơi bạn sống.
署名の有効な時間が過ぎました。
  Thời hạn của việc ký đã hết.
署名が完了していないか、結果が残っていません。
  Việc ký chưa hoàn tất, hoặc kết quả không còn.
署名用電子証明書が正しくありません
  Chứng thư số dùng để ký không đúng.
署名用電子証明書の有効期限が切れています
  Chứng thư số dùng để ký đã hết hạn.
署名用電子証明書が失効しています
  Chứng thư số dùng để ký đã bị thu hồi.
利用者と異なるマイナンバーカードで署名が行われました
  Chữ ký được tạo bằng thẻ My Number của người khác.
ログインにも署名にも、ご本人のマイナンバーカードを使ってください。
  Hãy dùng thẻ My Number của chính mình để đăng nhập và để ký.
署名用電子証明書がロックされています
  Chứng thư số dùng để ký đã bị khóa.
署名用電子証明書がありません
  Không có chứng thư số dùng để ký.
認証と署名のサービスで一時的な問題が発生しました。
  Dịch vụ xác thực và ký gặp sự cố tạm thời.
認証と署名のサービスがメンテナンス中のため、処理できませんでした。
  Dịch vụ xác thực và ký đang bảo trì nên không xử lý được.
手続の有効な時間が過ぎたか、途中で中断されました。
  Thời hạn của thủ tục đã hết, hoặc thủ tục bị gián đoạn.
認証の有効な時間が過ぎていました。
  Thời hạn xác thực đã hết từ trước.
ログイン
  Đăng nhập
ログインしていません。
  Bạn chưa đăng nhập.
パスキーでログインする
  Đăng nhập bằng khóa truy cập
ログイン中
  Bạn đã đăng nhập
パスキーを管理する
  Quản lý khóa truy cập
ログアウト
  Đăng xuất
情報を取得し直す
  Lấy lại thông tin
マイナンバーカードで本人確認が済んでいます。
  Danh tính của bạn đã được xác nhận bằng thẻ My Number.
{service}でログインしています。
  Bạn đã đăng nhập bằng {service}.
{host} を通じてログインしています。
  Bạn đã đăng nhập qua {host}.
パスキーでログインしています。署名には、マイナンバーカードが必要です。
  Bạn đã đăng nhập bằng khóa truy cập. Để ký, cần có thẻ My Number.
マイナンバーカードでログインし直す
  Đăng nhập lại bằng thẻ My Number
ログインを確認しています
  Đang kiểm tra đăng nhập
しばらくお待ちください。
  Hãy chờ một lát.
ログインを完了できませんでした。お手数ですが、もう一度ログインしてください。
  Không thể hoàn tất đăng nhập. Xin vui lòng đăng nhập lại.
この画面は、ログインを始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。もう一度ログインしてください。
  Trang này không được mở trong trình duyệt đã bắt đầu đăng nhập, hoặc đã quá thời hạn. Hãy đăng nhập
  lại.
ログインできませんでした
  Không đăng nhập được
マイナンバーカードでログインする
  Đăng nhập bằng thẻ My Number
氏名
  Họ tên
住所
  Địa chỉ
生年月日
  Ngày sinh
性別
  Giới tính
登録したパスキーでログインします。指紋、顔、または画面ロックの暗証番号で確認します。
  Đăng nhập bằng khóa truy cập đã đăng ký. Xác nhận bằng vân tay, khuôn mặt hoặc mã khóa màn hình.
パスキーがないとき
  Khi không có khóa truy cập
登録されたパスキーはありません。
  Không có khóa truy cập nào được đăng ký.
パスキー
  Khóa truy cập
パスキーがあれば、次回からカードを使わずにログインできます。署名には、いつもマイナンバーカードが必要です。
  Nếu có khóa truy cập, lần sau bạn có thể đăng nhập mà không cần thẻ. Để ký, luôn cần thẻ My Number.
パスキーを登録する
  Đăng ký khóa truy cập
アカウントに戻る
  Quay lại tài khoản
これ以上は登録できません。使わないパスキーを削除してください。
  Không thể đăng ký thêm. Hãy xóa khóa truy cập không dùng.
登録するには、マイナンバーカードでログインしてください。
  Để đăng ký, hãy đăng nhập bằng thẻ My Number.
お使いの端末を他の人と共有している場合は、登録しないでください。
  Không đăng ký nếu bạn dùng chung thiết bị với người khác.
この端末にパスキーを登録する
  Đăng ký khóa truy cập trên thiết bị này
パスキーの名前
  Tên khóa truy cập
登録した日時
  Thời điểm đăng ký
最後に使った日時
  Lần dùng cuối
使える期限(カードでログインすると延びます)
  Dùng được đến (được gia hạn khi đăng nhập bằng thẻ)
保管
  Nơi lưu
名前
  Tên
「{name}」の名前を変える
  Đổi tên “{name}”
「{name}」を削除する
  Xóa “{name}”
複数の端末で同期
  Đồng bộ giữa nhiều thiết bị
この認証器だけ
  Chỉ trong bộ xác thực này
ログアウトの知らせがあったため休止しています。マイナンバーカードでログインすると、また使えます。
  Đang tạm ngưng vì có thông báo đăng xuất. Sẽ dùng lại được khi bạn đăng nhập bằng thẻ My Number.
複製された疑いがあるため使えません。削除して、登録し直してください。
  Không dùng được vì có thể đã bị sao chép. Hãy xóa và đăng ký lại.
この画面は自動的に更新されます。閉じても手続は進みます。
  Trang này tự động cập nhật. Thủ tục vẫn tiếp tục dù bạn đóng trang.
まだ署名されていません。{app}で署名を終えると、この画面が切り替わります。
  Chưa được ký. Khi bạn ký xong trong {app}, trang này sẽ thay đổi.
署名が完了しました
  Đã ký xong
署名を確認できませんでした
  Không xác nhận được chữ ký
署名の画面に戻る
  Quay lại trang ký
お問い合わせ番号
  Số liên hệ
戻るためのリンクを作る
  Tạo liên kết để quay lại
次にすること
  Việc cần làm tiếp theo
もう一度署名する
  Ký lại
対象の手続
  Thủ tục
署名対象データ名
  Tên dữ liệu cần ký
署名対象識別コード
  Mã nhận dạng của dữ liệu cần ký
手続の画面に戻る
  Quay lại trang thủ tục
署名の確認
  Xác nhận trước khi ký
マイナンバーカードで署名する
  Ký bằng thẻ My Number
署名をやめる
  Không ký nữa
アプリに表示されるコードと見比べてください
  Hãy so sánh với mã hiển thị trong ứng dụng
{app}に表示される署名対象データ名と署名対象識別コードが、この画面と同じであることを確かめてから署名してください。違うときは署名しないでください。
  Hãy kiểm tra rằng tên dữ liệu và mã nhận dạng hiển thị trong {app} giống với trang này rồi mới ký.
  Nếu khác thì không ký.
{name} さんとしてログインしています
  Bạn đang đăng nhập với tên {name}
ログインしているご本人のマイナンバーカードで署名してください。ほかの方のカードでは署名できません。
  Hãy ký bằng thẻ My Number của chính người đang đăng nhập. Không thể ký bằng thẻ của người khác.
署名した文書が、署名の後に変わっていないこと
  Văn bản đã ký không thay đổi sau khi ký
署名値が、署名用電子証明書の鍵で作られたこと
  Giá trị chữ ký được tạo bằng khóa của chứng thư số dùng để ký
署名用電子証明書が公的個人認証サービスの発行で、有効期間内であること
  Chứng thư số dùng để ký do dịch vụ chứng thực cá nhân công (JPKI) cấp và còn trong thời hạn
署名用電子証明書が失効していないこと
  Chứng thư số dùng để ký chưa bị thu hồi
検証者が署名した受領証を保存する
  Lưu biên nhận do bên xác minh ký
印刷用の控えを表示する
  Hiển thị bản lưu để in
この手続を受け付けた機関
  Cơ quan đã tiếp nhận thủ tục này
署名検証者
  Bên xác minh chữ ký
受領の記録
  Ghi nhận tiếp nhận
検証の日時
  Thời điểm xác minh
検証した者
  Bên xác minh
受付番号
  Số tiếp nhận
署名した内容のSHA-256
  SHA-256 của nội dung đã ký
検証したこと
  Những điều đã xác minh
署名する文書
  Văn bản cần ký
署名する内容
  Nội dung cần ký
署名の形式
  Dạng chữ ký
公式の資料による
  theo tài liệu chính thức
実際の文書による
  theo văn bản thực tế
推定による
  theo suy đoán
署名の対象（内容のすべて）
  được ký, gồm toàn bộ nội dung
名前だけが署名の対象（内容は対象外）
  chỉ tên được ký, nội dung thì không
添えられたファイル
  Các tệp đính kèm
署名する前に、ファイルを開いて内容を確かめてください。
  Trước khi ký, hãy mở các tệp và kiểm tra nội dung.
署名
  Chữ ký
ファイル{number}を保存して開く
  Lưu tệp {number} và mở
内容が署名の対象にならないファイルがあります
  Có tệp mà nội dung không được ký
そのファイルの内容は、署名しても守られません。
  Nội dung của các tệp đó không được chữ ký bảo vệ.
すでに{signers}人が署名しています
  Đã có {signers} người ký
同じ内容に、続けて署名します。前の署名は変わりません。
  Bạn ký cùng một nội dung; các chữ ký trước không thay đổi.
文書の全体を表示する
  Hiển thị toàn bộ văn bản
文書をファイルとして保存する
  Lưu văn bản thành tệp
文書を表示できません。
  Không thể hiển thị văn bản.
署名の確認に戻る
  Quay lại trang xác nhận
文書が大きい({octets}バイト)ため、別の画面に表示します。
  Văn bản lớn ({octets} byte) nên được hiển thị ở trang khác.
署名するファイル
  Tệp cần ký
次のファイルをそのまま署名します。署名する前に、開いて内容を確かめてください。
  Tệp sau đây được ký nguyên trạng. Trước khi ký, hãy mở và kiểm tra nội dung.
種類
  Loại
大きさ
  Kích thước
{octets}バイト
  {octets} byte
ファイルを保存して開く
  Lưu tệp và mở
ここから署名の対象
  từ đây trở đi được ký
署名の対象外
  không được ký
署名欄(署名するとここに署名が入ります)
  chỗ của chữ ký (khi ký, chữ ký được đặt vào đây)
署名の対象にならない部分があります
  Có phần không thuộc phạm vi của chữ ký
名前空間
  Không gian tên
なし
  không có
(空)
  (trống)
注釈
  Chú thích
処理命令
  Lệnh xử lý
(空白だけ)
  (chỉ có khoảng trắng)
…(ほか{cut}文字)
  … (còn {cut} ký tự)
「署名の対象外」と書かれた部分は、署名しても守られません。
  Phần ghi “không được ký” không được bảo vệ dù bạn ký.
大きな文書のため、途中までを表示しています
  Văn bản lớn nên chỉ hiển thị một phần
署名の対象は、表示していない部分も含む文書全体({size}バイト)です。
  Bạn ký toàn bộ văn bản ({size} byte), kể cả phần không hiển thị.
署名の画面を開き直す
  Mở lại trang ký
形式の分からないファイル
  tệp không rõ định dạng
文字のファイル
  tệp văn bản
PDF文書
  tài liệu PDF
画像(PNG)
  hình ảnh (PNG)
画像(JPEG)
  hình ảnh (JPEG)
画像(GIF)
  hình ảnh (GIF)
画像(TIFF)
  hình ảnh (TIFF)
ZIP形式のファイル(Officeの文書など)
  tệp ZIP (kể cả tài liệu Office)
XML文書
  tài liệu XML
内容の確認
  Kiểm tra nội dung
アプリで署名
  Ký trong ứng dụng
署名の検証
  Xác minh chữ ký
完了
  Hoàn tất
本文へ移動
  Chuyển đến nội dung
手続の段階
  Các bước của thủ tục
済み
  đã xong
署名に必要なもの
  Những thứ cần để ký
うまくいかないとき
  Khi gặp vấn đề
マイナンバーカードと、{app}を入れたスマートフォン(iOS {ios}以降、またはNFCに対応したAndroid {android}以降)。画面ロックを設定しておいてください。
  Thẻ My Number và điện thoại thông minh có {app} (iOS {ios} trở lên, hoặc Android {android} trở lên
  có NFC). Hãy bật khóa màn hình trước.
{app}をはじめて使うときは、先に利用登録が始まります。登録が終わったら、この画面に戻って署名してください。
  Khi dùng {app} lần đầu, việc đăng ký sử dụng sẽ bắt đầu trước. Khi xong, hãy quay lại trang này và
  ký.
署名用電子証明書のパスワード(英数字6文字から16文字)。4桁の暗証番号ではありません。5回続けて間違えるとロックされます。
  Mật khẩu của chứng thư số dùng để ký (6 đến 16 chữ và số). Không phải mã PIN 4 số. Nhập sai 5 lần
  liên tiếp sẽ bị khóa.
プライベートブラウズ(シークレットモード)ではない、ふつうのブラウザーの画面。
  Cửa sổ trình duyệt thông thường, không phải cửa sổ ẩn danh.
パソコンで署名するときは、表示されるQRコードをスマートフォンで読み取り、スマートフォンに出る6桁の番号をパソコンに入力します。署名が終わるまで、パソコンの画面を閉じないでください。
  Khi ký trên máy tính, hãy dùng điện thoại quét mã QR được hiển thị, rồi nhập vào máy tính 6 số hiện
  trên điện thoại. Đừng đóng trang trên máy tính cho đến khi ký xong.
ボタンを押しても何も起きない
  Nhấn nút mà không có gì xảy ra
{app}を最新の版に更新し、スマートフォンを再起動してから、この画面を開き直してください。アプリは削除しないでください。
  Hãy cập nhật {app} lên bản mới nhất, khởi động lại điện thoại rồi mở lại trang này. Đừng xóa ứng
  dụng.
別のアプリや、アプリストアの画面が開く
  Ứng dụng khác hoặc cửa hàng ứng dụng mở ra
古いアプリ({former})が残っていると、そちらが開くことがあります。{now}を入れ直すか、最後に入れてください。プライベートブラウズの画面では、ストアが繰り返し開きます。
  Nếu còn ứng dụng cũ ({former}) thì ứng dụng đó có thể mở ra. Hãy cài lại {now}, hoặc cài nó sau
  cùng. Trong cửa sổ ẩn danh, cửa hàng sẽ mở ra liên tục.
利用登録の画面が出た
  Trang đăng ký sử dụng hiện ra
登録を最後まで進めてから、この画面に戻り、もう一度ボタンを押してください。
  Hãy hoàn tất đăng ký, quay lại trang này và nhấn nút một lần nữa.
スマートフォンなのにQRコードが出た
  Mã QR hiện ra trên điện thoại
ブラウザーの「PC版サイト」の表示や、画面の拡大をやめて、この画面を開き直してください。
  Hãy tắt chế độ trang web cho máy tính hoặc chế độ phóng to của trình duyệt, rồi mở lại trang này.
別のブラウザーの画面に戻った
  Bạn quay lại trong trình duyệt khác
はじめに開いたブラウザーに戻ると、続きが表示されます。
  Quay lại trình duyệt đã mở lúc đầu, phần tiếp theo sẽ hiện ra.
App Store(iPhone)
  App Store (iPhone)
Google Play(Android)
  Google Play (Android)
公的個人認証サービス ポータルサイト
  Cổng thông tin dịch vụ chứng thực cá nhân công (JPKI, tiếng Nhật)
窓口での手続が終わったら、「もう一度署名する」から続けられます。申請の内容を入力し直す必要はありません。この画面に戻れるように、先に「戻るためのリンクを作る」を押して、リンクを保存してください。
  Sau khi làm xong thủ tục tại quầy, bạn có thể tiếp tục từ “Ký lại”, không cần nhập lại nội dung đơn.
  Để quay lại được trang này, trước hết hãy nhấn “Tạo liên kết để quay lại” và lưu liên kết.
署名用電子証明書が失効しているか、有効期間が過ぎています。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。
  Chứng thư số dùng để ký đã bị thu hồi hoặc đã hết hạn. Hãy xin cấp chứng thư số mới tại quầy của cơ
  quan hành chính địa phương nơi bạn sống.
マイナンバーカードと本人確認書類を持って、お住まいの市区町村の窓口で手続をしてください。
  Hãy mang thẻ My Number và giấy tờ tùy thân đến quầy của cơ quan hành chính địa phương nơi bạn sống
  để làm thủ tục.
お住まいの市区町村の窓口で、署名用パスワード(英数字6文字から16文字)を初期化してください。5回続けて間違えるとロックされます。
  Hãy đặt lại mật khẩu dùng để ký (6 đến 16 chữ và số) tại quầy của cơ quan hành chính địa phương nơi
  bạn sống. Nhập sai 5 lần liên tiếp sẽ bị khóa.
4桁の暗証番号がわかる場合は、スマートフォンの「JPKI暗証番号リセット」アプリで予約し、コンビニエンスストアなどの端末でも初期化できます。
  Nếu biết mã PIN 4 số, bạn cũng có thể đặt hẹn trong ứng dụng “JPKI暗証番号リセット” trên điện thoại rồi đặt
  lại tại máy ở cửa hàng tiện lợi.
お住まいの市区町村の窓口で、署名用電子証明書の更新をしてください。カードの有効期限とは別に、電子証明書の有効期限があります。
  Hãy gia hạn chứng thư số dùng để ký tại quầy của cơ quan hành chính địa phương nơi bạn sống. Thời
  hạn của chứng thư số khác với thời hạn của thẻ.
引っ越しや氏名の変更などで、署名用電子証明書は失効します。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。
  Khi chuyển nhà hoặc đổi họ tên, chứng thư số dùng để ký bị thu hồi. Hãy xin cấp chứng thư số mới tại
  quầy của cơ quan hành chính địa phương nơi bạn sống.
お住まいの市区町村の窓口で、署名用電子証明書の発行を受けてください。15歳未満の方のカードなど、入っていない場合があります。
  Hãy xin cấp chứng thư số dùng để ký tại quầy của cơ quan hành chính địa phương nơi bạn sống. Một số
  thẻ không có, ví dụ thẻ của người dưới 15 tuổi.
ログインと署名の両方に、ご本人の同じマイナンバーカードを使ってください。
  Hãy dùng cùng một thẻ My Number của chính mình cho cả đăng nhập và ký.
「もう一度署名する」を押して、ご本人のカードで署名してください。
  Hãy nhấn “Ký lại” và ký bằng thẻ của chính mình.
何も署名されていません。続ける場合は「もう一度署名する」を押し、アプリで連携に同意してください。
  Chưa có gì được ký. Nếu muốn tiếp tục, hãy nhấn “Ký lại” và đồng ý liên kết trong ứng dụng.
アプリに表示されたメッセージを確認してください。カードの読み取りが中断された場合は、もう一度かざしてください。
  Hãy kiểm tra thông báo trong ứng dụng. Nếu việc đọc thẻ bị gián đoạn, hãy đưa thẻ lại gần một lần
  nữa.
準備ができたら「もう一度署名する」を押してください。
  Khi đã sẵn sàng, hãy nhấn “Ký lại”.
「もう一度署名する」を押すと、同じ申請のまま署名をやり直せます。
  Nhấn “Ký lại” để ký lại cùng một đơn.
この画面のお問い合わせ番号を、手続の窓口にお知らせください。
  Hãy cho cơ quan tiếp nhận biết số liên hệ trên trang này.
受領証(receipt.jws)は、署名検証者が公開している鍵(/.well-known/jwks.json)で、だれでも確かめられます。
  Ai cũng có thể kiểm tra biên nhận (receipt.jws) bằng khóa mà bên xác minh công bố tại
  /.well-known/jwks.json.
署名した内容のSHA-256は、署名の対象となった文書(正規化後)のハッシュ値です。同じ文書からは必ず同じ値が得られます。
  SHA-256 của nội dung đã ký là giá trị băm của văn bản được ký (ở dạng chuẩn hóa). Cùng một văn bản
  luôn cho cùng một giá trị.
この控えには、署名した方の氏名や電子証明書の内容は含まれません。
  Bản lưu này không có họ tên của người ký và nội dung của chứng thư số.
ブラウザーの「印刷」で、紙やPDFに残せます。
  Dùng chức năng “In” của trình duyệt để lưu thành giấy hoặc PDF.
電子署名の控え
  Bản lưu của chữ ký điện tử
署名した文書
  Văn bản đã ký
検証の結果
  Kết quả xác minh
確かめ方
  Cách kiểm tra
前の画面に戻る
  Quay lại trang trước
署名を開く
  Mở việc ký
このブラウザーで署名の手続を開きます。開くと、ほかのブラウザーや端末では続けられません。
  Việc ký sẽ được mở trong trình duyệt này. Sau khi mở, không thể tiếp tục trong trình duyệt hoặc
  thiết bị khác.
このブラウザーで開く
  Mở trong trình duyệt này
このリンクを、写真に撮る、コピーして保存するなど、手元に残してください。ほかのブラウザーや端末でも開けます。一度だけ使えます。
  Hãy giữ liên kết này, ví dụ chụp ảnh hoặc sao chép và lưu lại. Có thể mở trong trình duyệt hoặc
  thiết bị khác. Chỉ dùng được một lần.
他の人に教えないでください。もう一度署名できるのは、先ほど認証したご本人だけです。
  Đừng cho người khác biết. Chỉ người đã được xác thực trước đó mới có thể ký lại.
{until}まで使えます。
  Dùng được đến {until}.
この手続に戻るためのリンク
  Liên kết để quay lại thủ tục này
見えない文字
  ký tự không nhìn thấy
読む向きを変える文字
  ký tự đổi hướng đọc
別の字に似た文字
  ký tự giống chữ khác
前の字に重なる文字
  ký tự chồng lên chữ trước
決まりのない文字
  ký tự chưa được quy định
移動しないときはここを押してください
  Nếu không tự chuyển, hãy nhấn vào đây
次の画面へ移動します
  Đang chuyển đến trang tiếp theo
ログインの画面へ移動します。
  Đang chuyển đến trang đăng nhập.
{host} の画面へ移動します。
  Đang chuyển đến trang của {host}.
このブラウザーではパスキーを使えません。パスキーに対応したブラウザーで開いてください。
  Trình duyệt này không dùng được khóa truy cập. Hãy mở bằng trình duyệt có hỗ trợ.
この認証器には、すでにパスキーがあります。そのままログインできます。
  Bộ xác thực này đã có khóa truy cập. Bạn có thể đăng nhập bằng khóa đó.
パスキーの操作が取り消されたか、時間切れになりました。もう一度お試しください。
  Thao tác khóa truy cập đã bị hủy hoặc hết giờ. Hãy thử lại.
パスキーにはJavaScriptが必要です。有効にしてから、開き直してください。
  Khóa truy cập cần JavaScript. Hãy bật lên rồi mở lại trang này.
試験環境
  Môi trường thử nghiệm
電子署名
  Chữ ký điện tử
個人情報の取扱い
  Xử lý thông tin cá nhân
お問い合わせ窓口
  Liên hệ
{name}({former})
  {name} ({former})
署名は有効です。手続は完了しました。
  Chữ ký hợp lệ. Thủ tục đã hoàn tất.
署名が正しくないことを確認しました。お問い合わせ窓口にご連絡ください。
  Đã xác nhận chữ ký không đúng. Hãy liên hệ với bộ phận hỗ trợ.
署名用電子証明書が失効しているか有効期間外のため、署名を有効と確認できませんでした。お問い合わせ窓口にご連絡ください。
  Chứng thư số dùng để ký đã bị thu hồi hoặc ngoài thời hạn nên không thể xác nhận chữ ký là hợp lệ.
  Hãy liên hệ với bộ phận hỗ trợ.
署名が有効かどうかを判断できませんでした。お問い合わせ窓口にご連絡ください。
  Không thể xác định chữ ký có hợp lệ hay không. Hãy liên hệ với bộ phận hỗ trợ.
署名は有効です。
  Chữ ký hợp lệ.
`,
  ' ',
);
