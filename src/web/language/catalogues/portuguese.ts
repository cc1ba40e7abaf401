import { readCatalogue } from '../catalogue.ts';

/** Português do Brasil. Translated by the authors, not by a native reader: a native review is wanted. */
export const PORTUGUESE = readCatalogue(
  `
ただいま署名が混み合っています。順番が来ると、この画面から自動でアプリに進みます。
  Muitas pessoas estão assinando agora. Quando chegar a sua vez, esta página segue sozinha para o aplicativo.
画面を再読み込みしても、スマートフォンがスリープしても、順番は1時間保たれます。
  O seu lugar fica guardado por 1 hora, mesmo que você recarregue a página ou que o celular adormeça.
この画面を閉じたときは、署名の画面を開き、もう一度署名に進んでください。
  Se fechar esta página, abra a página de assinatura e prossiga de novo para a assinatura.
まもなくあなたの番です。
  A sua vez está chegando.
待ち時間は1分以内の見込みです。
  A espera deve ser de menos de 1 minuto.
順番をお待ちください
  Aguarde a sua vez
あなたの前に{ahead}人が待っています。
  Há {ahead} pessoas antes de você.
待ち時間はおよそ{minutes}分の見込みです。
  A espera deve ser de cerca de {minutes} minutos.
署名を完了できませんでした。
  Não foi possível concluir a assinatura.
システムの設定に問題があるため、手続を続けられません。
  O procedimento não pode continuar por causa de um problema nas configurações do nosso sistema.
ただいま利用できません。
  O serviço não está disponível no momento.
この画面は、署名を始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。署名を始めた画面からやり直してください。
  Esta página não foi aberta no navegador em que a assinatura começou, ou o prazo dela terminou.
  Recomece na página em que a assinatura começou.
この署名は、手続の画面から開いてください。リンクは一度だけ使えます。手続の窓口の画面に戻り、もう一度署名に進んでください。
  Abra esta assinatura a partir da página do procedimento. O link funciona uma única vez. Volte à
  página do órgão e prossiga para a assinatura novamente.
この署名は、別のブラウザーまたは端末で開かれているか、このブラウザーのCookieが消去されています。開いたブラウザーで続けるか、手続の窓口の画面から、もう一度署名に進んでください。
  Esta assinatura está aberta em outro navegador ou aparelho, ou os cookies deste navegador foram
  apagados. Continue no navegador em que a abriu, ou volte à página do órgão e prossiga para a
  assinatura novamente.
手続の有効な時間が過ぎました。
  O prazo do procedimento terminou.
システムを復旧したため、途中の署名は無効になりました。
  O nosso sistema foi restaurado e as assinaturas não concluídas perderam a validade.
手続は取り消されました。
  O procedimento foi cancelado.
この手続は、いまの状態では署名できません。
  No estado atual, este procedimento não pode ser assinado.
パスキーの応答を読み取れませんでした。もう一度お試しください。
  Não foi possível ler a resposta da chave de acesso. Tente novamente.
パスキーを確認できませんでした。もう一度お試しいただくか、マイナンバーカードでログインしてください。
  Não foi possível confirmar a chave de acesso. Tente novamente ou entre com o cartão My Number.
この画面は有効な時間を過ぎたか、すでに使われています。画面を開き直して、もう一度お試しください。
  O prazo desta página terminou, ou ela já foi usada. Abra-a novamente e tente outra vez.
このパスキーは登録されていないか、削除されています。マイナンバーカードでログインしてください。
  Esta chave de acesso não está registrada ou foi excluída. Entre com o cartão My Number.
このパスキーは複製された疑いがあるため、使えなくしました。マイナンバーカードでログインし、パスキーを登録し直してください。
  Esta chave de acesso pode ter sido copiada e foi desativada. Entre com o cartão My Number e registre
  uma nova chave de acesso.
このパスキーは複製された疑いがあるため、使えません。マイナンバーカードでログインし、パスキーを登録し直してください。
  Esta chave de acesso pode ter sido copiada e não pode ser usada. Entre com o cartão My Number e
  registre uma nova chave de acesso.
安全のため、マイナンバーカードでログインしてください。その後は、またパスキーを使えます。
  Por segurança, entre com o cartão My Number. Depois disso, poderá usar a chave de acesso novamente.
この端末のパスキーは登録済みか、登録できる数を超えています。使わないパスキーを削除してください。
  Este aparelho já tem uma chave de acesso registrada, ou o limite de chaves foi atingido. Exclua uma
  chave que não usa.
パスキーの名前は、40文字までの見える文字で入力してください。
  Dê à chave de acesso um nome de até 40 caracteres visíveis.
手続をしている方と、署名に使われたマイナンバーカードの方が違います。
  A pessoa que faz o procedimento não é a titular do cartão My Number usado para assinar.
ご本人のカードで署名するか、ログアウトしてからやり直してください。
  Assine com o seu próprio cartão, ou saia e recomece.
署名用電子証明書の氏名が、申請の氏名またはログインしている方の氏名と一致しません。
  O nome no certificado de assinatura não é igual ao nome no pedido ou ao nome da pessoa que entrou.
申請の内容を確かめ、ご本人のカードで署名してください。
  Confira o conteúdo do pedido e assine com o seu próprio cartão.
署名の途中でログインが終わりました。
  A sua sessão terminou durante a assinatura.
もう一度ログインしてください。
  Entre novamente.
このブラウザーではログインしていません。ログインしてから、もう一度お試しください。
  Ninguém entrou neste navegador. Entre e tente novamente.
認証の有効な時間が終わりました。
  O prazo da autenticação terminou.
該当する手続はありません。
  Não existe um procedimento correspondente.
ただいま処理しています。少し待ってから、署名の画面を開き直してください。
  Está sendo processado. Aguarde um pouco e abra a página de assinatura novamente.
ファイルが大きすぎます。小さいファイルを選んでください。
  O arquivo é grande demais. Escolha um arquivo menor.
この形で送られたものは受け付けられません。この画面からファイルを選んで送ってください。
  O que foi enviado desta forma não pode ser aceito. Escolha o arquivo nesta página e envie.
送られた内容を読み取れませんでした。ファイルを選び直して、もう一度お試しください。
  Não foi possível ler o que foi enviado. Escolha o arquivo novamente e tente outra vez.
ブラウザーからCookieが届かなかったため、手続を進められません。リンクはまだ使えます。Cookieを受け付ける設定にし、プライベートブラウズ(シークレットモード)ではない、ふつうの画面でもう一度開いてください。
  O procedimento não pode continuar porque o navegador não enviou o cookie. O link ainda pode ser
  usado. Permita cookies e abra-o novamente em uma janela comum, não em uma janela anônima.
安全のため、この操作を中止しました。署名の画面を開き直してください。
  Por segurança, esta operação foi interrompida. Abra a página de assinatura novamente.
お問い合わせ窓口にご連絡ください。
  Entre em contato com o atendimento.
しばらくしてからもう一度お試しください。
  Tente novamente mais tarde.
お手数ですが、最初からやり直してください。
  Por favor, recomece desde o início.
自動的にやり直します。このままお待ちください。
  O sistema tenta de novo automaticamente. Aguarde aqui.
{until}までに、署名の画面で「マイナンバーカードで署名する」を押してください。
  Até {until}, pressione “Assinar com o cartão My Number” na página de assinatura.
{until}まで、同じ申請のままもう一度署名できます。
  Até {until}, você pode assinar o mesmo pedido novamente.
続けるときは、手続の窓口の画面から始め直してください。
  Para continuar, recomece na página do órgão que pediu a assinatura.
署名をお待ちしています
  Aguardando a sua assinatura
アプリでの署名をお待ちしています
  Aguardando a sua assinatura no aplicativo
署名を確認しています
  A sua assinatura está sendo conferida
署名を受け取っています
  A sua assinatura está sendo recebida
署名を検証しています
  A sua assinatura está sendo verificada
検証が終わりました
  A verificação terminou
署名されませんでした
  Não foi assinado
手続を続けられません
  O procedimento não pode continuar
もう一度署名してください
  Assine novamente
有効な時間が過ぎました
  O prazo terminou
取り消されました
  Cancelado
この手続では現在、マイナンバーカードでの認証と署名のサービスを利用できません。
  No momento, este procedimento não pode usar o serviço de autenticação e assinatura com o cartão My
  Number.
連携に同意されなかったため、手続を中止しました。
  O procedimento foi interrompido porque a vinculação não foi autorizada.
続けるには、アプリで連携に同意してください。
  Para continuar, autorize a vinculação no aplicativo.
マイナンバーカードによる認証手続に失敗しました。
  A autenticação com o cartão My Number falhou.
アプリに表示された内容をご確認ください。
  Confira o que o aplicativo mostrou.
アプリでの手続が完了しませんでした。
  O procedimento no aplicativo não foi concluído.
手続を完了できませんでした。
  Não foi possível concluir o procedimento.
お住まいの市区町村の窓口で手続をしてください。
  Resolva isso no balcão da prefeitura do seu município.
署名の有効な時間が過ぎました。
  O prazo da assinatura terminou.
署名が完了していないか、結果が残っていません。
  A assinatura não foi concluída, ou o resultado não existe mais.
署名用電子証明書が正しくありません
  O certificado de assinatura não está correto.
署名用電子証明書の有効期限が切れています
  O certificado de assinatura está vencido.
署名用電子証明書が失効しています
  O certificado de assinatura foi revogado.
利用者と異なるマイナンバーカードで署名が行われました
  A assinatura foi feita com o cartão My Number de outra pessoa.
ログインにも署名にも、ご本人のマイナンバーカードを使ってください。
  Use o seu próprio cartão My Number tanto para entrar como para assinar.
署名用電子証明書がロックされています
  O certificado de assinatura está bloqueado.
署名用電子証明書がありません
  Não há certificado de assinatura.
認証と署名のサービスで一時的な問題が発生しました。
  Houve um problema temporário no serviço de autenticação e assinatura.
認証と署名のサービスがメンテナンス中のため、処理できませんでした。
  O serviço de autenticação e assinatura está em manutenção e não pôde processar o pedido.
手続の有効な時間が過ぎたか、途中で中断されました。
  O prazo do procedimento terminou, ou ele foi interrompido.
認証の有効な時間が過ぎていました。
  O prazo da autenticação havia terminado.
ログイン
  Entrar
ログインしていません。
  Você não entrou.
パスキーでログインする
  Entrar com uma chave de acesso
ログイン中
  Você entrou
パスキーを管理する
  Gerenciar as chaves de acesso
ログアウト
  Sair
情報を取得し直す
  Obter as informações novamente
マイナンバーカードで本人確認が済んでいます。
  A sua identidade foi confirmada com o cartão My Number.
{service}でログインしています。
  Você entrou com {service}.
{host} を通じてログインしています。
  Você entrou através de {host}.
パスキーでログインしています。署名には、マイナンバーカードが必要です。
  Você entrou com uma chave de acesso. Para assinar, é preciso o cartão My Number.
マイナンバーカードでログインし直す
  Entrar novamente com o cartão My Number
ログインを確認しています
  A sua entrada está sendo conferida
しばらくお待ちください。
  Aguarde um momento.
ログインを完了できませんでした。お手数ですが、もう一度ログインしてください。
  Não foi possível concluir a entrada. Por favor, entre novamente.
この画面は、ログインを始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。もう一度ログインしてください。
  Esta página não foi aberta no navegador em que a entrada começou, ou o prazo dela terminou. Entre
  novamente.
ログインできませんでした
  Não foi possível entrar
マイナンバーカードでログインする
  Entrar com o cartão My Number
氏名
  Nome completo
住所
  Endereço
生年月日
  Data de nascimento
性別
  Sexo
登録したパスキーでログインします。指紋、顔、または画面ロックの暗証番号で確認します。
  Entre com a chave de acesso registrada. A confirmação é feita com a impressão digital, o rosto ou o
  código do bloqueio de tela.
パスキーがないとき
  Sem chave de acesso
登録されたパスキーはありません。
  Não há chaves de acesso registradas.
パスキー
  Chaves de acesso
パスキーがあれば、次回からカードを使わずにログインできます。署名には、いつもマイナンバーカードが必要です。
  Com uma chave de acesso, você entra sem usar o cartão a partir da próxima vez. Para assinar, é
  sempre preciso o cartão My Number.
パスキーを登録する
  Registrar uma chave de acesso
アカウントに戻る
  Voltar à conta
これ以上は登録できません。使わないパスキーを削除してください。
  Não é possível registrar mais. Exclua uma chave de acesso que não usa.
登録するには、マイナンバーカードでログインしてください。
  Para registrar, entre com o cartão My Number.
お使いの端末を他の人と共有している場合は、登録しないでください。
  Não registre se você compartilha este aparelho com outras pessoas.
この端末にパスキーを登録する
  Registrar uma chave de acesso neste aparelho
パスキーの名前
  Nome da chave de acesso
登録した日時
  Registrada em
最後に使った日時
  Usada pela última vez em
使える期限(カードでログインすると延びます)
  Válida até (prolonga-se ao entrar com o cartão)
保管
  Guardada
名前
  Nome
「{name}」の名前を変える
  Mudar o nome de “{name}”
「{name}」を削除する
  Excluir “{name}”
複数の端末で同期
  Sincronizada entre vários aparelhos
この認証器だけ
  Somente neste autenticador
ログアウトの知らせがあったため休止しています。マイナンバーカードでログインすると、また使えます。
  Está suspensa porque houve um aviso de saída. Volta a funcionar quando você entrar com o cartão My
  Number.
複製された疑いがあるため使えません。削除して、登録し直してください。
  Não pode ser usada porque pode ter sido copiada. Exclua-a e registre uma nova.
この画面は自動的に更新されます。閉じても手続は進みます。
  Esta página se atualiza automaticamente. O procedimento continua mesmo se você a fechar.
まだ署名されていません。{app}で署名を終えると、この画面が切り替わります。
  Ainda não foi assinado. Quando você terminar de assinar em {app}, esta página mudará.
署名が完了しました
  A assinatura foi concluída
署名を確認できませんでした
  Não foi possível confirmar a assinatura
署名の画面に戻る
  Voltar à página de assinatura
お問い合わせ番号
  Número para contato
戻るためのリンクを作る
  Criar um link para voltar
次にすること
  O que fazer agora
もう一度署名する
  Assinar novamente
対象の手続
  O procedimento
署名対象データ名
  Nome dos dados a assinar
署名対象識別コード
  Código de identificação da assinatura
手続の画面に戻る
  Voltar à página do procedimento
署名の確認
  Confirme antes de assinar
マイナンバーカードで署名する
  Assinar com o cartão My Number
署名をやめる
  Desistir da assinatura
アプリに表示されるコードと見比べてください
  Compare com o código mostrado no aplicativo
{app}に表示される署名対象データ名と署名対象識別コードが、この画面と同じであることを確かめてから署名してください。違うときは署名しないでください。
  Antes de assinar, confirme que o nome dos dados e o código de identificação mostrados em {app} são
  iguais aos desta página. Se forem diferentes, não assine.
{name} さんとしてログインしています
  Você entrou como {name}
ログインしているご本人のマイナンバーカードで署名してください。ほかの方のカードでは署名できません。
  Assine com o cartão My Number da própria pessoa que entrou. Não é possível assinar com o cartão de
  outra pessoa.
署名した文書が、署名の後に変わっていないこと
  O documento assinado não mudou depois da assinatura
署名値が、署名用電子証明書の鍵で作られたこと
  O valor da assinatura foi feito com a chave do certificado de assinatura
署名用電子証明書が公的個人認証サービスの発行で、有効期間内であること
  O certificado de assinatura foi emitido pelo serviço público de certificação pessoal (JPKI) e está
  dentro da validade
署名用電子証明書が失効していないこと
  O certificado de assinatura não foi revogado
検証者が署名した受領証を保存する
  Salvar o recibo assinado pelo verificador
印刷用の控えを表示する
  Mostrar o comprovante para imprimir
この手続を受け付けた機関
  O órgão que recebeu este procedimento
署名検証者
  Verificador de assinaturas
受領の記録
  Registro de recebimento
検証の日時
  Data e hora da verificação
検証した者
  Verificado por
受付番号
  Número de recebimento
署名した内容のSHA-256
  SHA-256 do conteúdo assinado
検証したこと
  O que foi verificado
署名する文書
  Documento a assinar
署名する内容
  O que você assina
署名の形式
  Formato da assinatura
公式の資料による
  segundo documentos oficiais
実際の文書による
  conforme documentos reais
推定による
  presumido
署名の対象（内容のすべて）
  assinado, com todo o conteúdo
名前だけが署名の対象（内容は対象外）
  só o nome é assinado, não o conteúdo
添えられたファイル
  Arquivos anexos
署名する前に、ファイルを開いて内容を確かめてください。
  Abra os arquivos e confira o conteúdo antes de assinar.
署名
  Assinatura
ファイル{number}を保存して開く
  Salvar o arquivo {number} e abri-lo
内容が署名の対象にならないファイルがあります
  Há arquivos cujo conteúdo não é assinado
そのファイルの内容は、署名しても守られません。
  O conteúdo desses arquivos não fica protegido pela assinatura.
すでに{signers}人が署名しています
  {signers} já assinaram antes
同じ内容に、続けて署名します。前の署名は変わりません。
  Você assina o mesmo conteúdo; as assinaturas anteriores não mudam.
文書の全体を表示する
  Mostrar o documento inteiro
文書をファイルとして保存する
  Salvar o documento como arquivo
文書を表示できません。
  O documento não pode ser mostrado.
署名の確認に戻る
  Voltar à confirmação da assinatura
文書が大きい({octets}バイト)ため、別の画面に表示します。
  O documento é grande ({octets} bytes) e é mostrado em outra página.
署名するファイル
  Arquivo a assinar
次のファイルをそのまま署名します。署名する前に、開いて内容を確かめてください。
  O arquivo abaixo será assinado como está. Antes de assinar, abra-o e confira o conteúdo.
種類
  Tipo
大きさ
  Tamanho
{octets}バイト
  {octets} bytes
ファイルを保存して開く
  Salvar o arquivo e abrir
ここから署名の対象
  daqui em diante será assinado
署名の対象外
  não será assinado
署名欄(署名するとここに署名が入ります)
  lugar da assinatura (ela entra aqui quando você assinar)
署名の対象にならない部分があります
  Há partes que não são cobertas pela assinatura
名前空間
  Espaço de nomes
なし
  nenhum
(空)
  (vazio)
注釈
  Comentário
処理命令
  Instrução de processamento
(空白だけ)
  (somente espaços)
…(ほか{cut}文字)
  … (mais {cut} caracteres)
「署名の対象外」と書かれた部分は、署名しても守られません。
  As partes marcadas “não será assinado” não ficam protegidas pela assinatura.
大きな文書のため、途中までを表示しています
  O documento é grande e só uma parte é mostrada
署名の対象は、表示していない部分も含む文書全体({size}バイト)です。
  Você assina o documento inteiro ({size} bytes), também as partes que não são mostradas.
署名の画面を開き直す
  Abrir a página de assinatura novamente
形式の分からないファイル
  arquivo de formato desconhecido
文字のファイル
  arquivo de texto
PDF文書
  documento PDF
画像(PNG)
  imagem (PNG)
画像(JPEG)
  imagem (JPEG)
画像(GIF)
  imagem (GIF)
画像(TIFF)
  imagem (TIFF)
ZIP形式のファイル(Officeの文書など)
  arquivo ZIP (também documentos do Office)
XML文書
  documento XML
内容の確認
  Conferir o conteúdo
アプリで署名
  Assinar no aplicativo
署名の検証
  Verificação da assinatura
完了
  Concluído
本文へ移動
  Ir para o conteúdo
手続の段階
  Etapas do procedimento
済み
  concluída
署名に必要なもの
  O que é preciso para assinar
うまくいかないとき
  Quando algo não funciona
マイナンバーカードと、{app}を入れたスマートフォン(iOS {ios}以降、またはNFCに対応したAndroid {android}以降)。画面ロックを設定しておいてください。
  O cartão My Number e um smartphone com {app} (iOS {ios} ou mais recente, ou Android {android} ou
  mais recente com NFC). O bloqueio de tela precisa estar ativado.
{app}をはじめて使うときは、先に利用登録が始まります。登録が終わったら、この画面に戻って署名してください。
  Ao usar {app} pela primeira vez, primeiro começa o registro de uso. Quando terminar, volte a esta
  página e assine.
署名用電子証明書のパスワード(英数字6文字から16文字)。4桁の暗証番号ではありません。5回続けて間違えるとロックされます。
  A senha do certificado de assinatura (6 a 16 letras e números). Não é o PIN de 4 dígitos. Ela é
  bloqueada depois de 5 erros seguidos.
プライベートブラウズ(シークレットモード)ではない、ふつうのブラウザーの画面。
  Uma janela comum do navegador, não uma janela anônima.
パソコンで署名するときは、表示されるQRコードをスマートフォンで読み取り、スマートフォンに出る6桁の番号をパソコンに入力します。署名が終わるまで、パソコンの画面を閉じないでください。
  Para assinar em um computador, leia com o smartphone o código QR mostrado e digite no computador os
  6 números que aparecem no smartphone. Não feche a página do computador até terminar de assinar.
ボタンを押しても何も起きない
  Nada acontece ao pressionar o botão
{app}を最新の版に更新し、スマートフォンを再起動してから、この画面を開き直してください。アプリは削除しないでください。
  Atualize {app} para a versão mais recente, reinicie o smartphone e abra esta página novamente. Não
  exclua o aplicativo.
別のアプリや、アプリストアの画面が開く
  Outro aplicativo ou a loja de aplicativos se abre
古いアプリ({former})が残っていると、そちらが開くことがあります。{now}を入れ直すか、最後に入れてください。プライベートブラウズの画面では、ストアが繰り返し開きます。
  Se o aplicativo antigo ({former}) ainda estiver instalado, ele pode se abrir. Reinstale {now}, ou
  instale-o por último. Em uma janela anônima, a loja se abre repetidamente.
利用登録の画面が出た
  Apareceu a tela de registro de uso
登録を最後まで進めてから、この画面に戻り、もう一度ボタンを押してください。
  Termine o registro, volte a esta página e pressione o botão novamente.
スマートフォンなのにQRコードが出た
  Apareceu um código QR no smartphone
ブラウザーの「PC版サイト」の表示や、画面の拡大をやめて、この画面を開き直してください。
  Desative a versão para computador do site ou o zoom do navegador e abra esta página novamente.
別のブラウザーの画面に戻った
  Você voltou em outro navegador
はじめに開いたブラウザーに戻ると、続きが表示されます。
  Volte ao navegador em que começou: ele mostra a continuação.
App Store(iPhone)
  App Store (iPhone)
Google Play(Android)
  Google Play (Android)
公的個人認証サービス ポータルサイト
  Portal do serviço público de certificação pessoal (JPKI, em japonês)
窓口での手続が終わったら、「もう一度署名する」から続けられます。申請の内容を入力し直す必要はありません。この画面に戻れるように、先に「戻るためのリンクを作る」を押して、リンクを保存してください。
  Quando terminar no balcão, continue com “Assinar novamente”. Não é preciso preencher o pedido de
  novo. Para poder voltar a esta página, pressione antes “Criar um link para voltar” e guarde o link.
署名用電子証明書が失効しているか、有効期間が過ぎています。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。
  O certificado de assinatura foi revogado ou está vencido. Peça a emissão de um novo certificado no
  balcão da prefeitura do seu município.
マイナンバーカードと本人確認書類を持って、お住まいの市区町村の窓口で手続をしてください。
  Vá ao balcão da prefeitura do seu município com o cartão My Number e um documento de identidade.
お住まいの市区町村の窓口で、署名用パスワード(英数字6文字から16文字)を初期化してください。5回続けて間違えるとロックされます。
  Peça a redefinição da senha de assinatura (6 a 16 letras e números) no balcão da prefeitura do seu
  município. Ela é bloqueada depois de 5 erros seguidos.
4桁の暗証番号がわかる場合は、スマートフォンの「JPKI暗証番号リセット」アプリで予約し、コンビニエンスストアなどの端末でも初期化できます。
  Se você sabe o PIN de 4 dígitos, também pode redefinir a senha em um terminal de loja de
  conveniência, depois de reservar no aplicativo “JPKI暗証番号リセット”.
お住まいの市区町村の窓口で、署名用電子証明書の更新をしてください。カードの有効期限とは別に、電子証明書の有効期限があります。
  Renove o certificado de assinatura no balcão da prefeitura do seu município. O certificado tem um
  prazo de validade diferente do prazo do cartão.
引っ越しや氏名の変更などで、署名用電子証明書は失効します。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。
  Uma mudança de endereço ou de nome revoga o certificado de assinatura. Peça a emissão de um novo
  certificado no balcão da prefeitura do seu município.
お住まいの市区町村の窓口で、署名用電子証明書の発行を受けてください。15歳未満の方のカードなど、入っていない場合があります。
  Peça a emissão de um certificado de assinatura no balcão da prefeitura do seu município. Alguns
  cartões não o têm, como os de menores de 15 anos.
ログインと署名の両方に、ご本人の同じマイナンバーカードを使ってください。
  Use o mesmo cartão My Number, o seu próprio, tanto para entrar como para assinar.
「もう一度署名する」を押して、ご本人のカードで署名してください。
  Pressione “Assinar novamente” e assine com o seu próprio cartão.
何も署名されていません。続ける場合は「もう一度署名する」を押し、アプリで連携に同意してください。
  Nada foi assinado. Para continuar, pressione “Assinar novamente” e autorize a vinculação no
  aplicativo.
アプリに表示されたメッセージを確認してください。カードの読み取りが中断された場合は、もう一度かざしてください。
  Confira a mensagem mostrada no aplicativo. Se a leitura do cartão foi interrompida, aproxime-o
  novamente.
準備ができたら「もう一度署名する」を押してください。
  Quando estiver pronto, pressione “Assinar novamente”.
「もう一度署名する」を押すと、同じ申請のまま署名をやり直せます。
  Pressione “Assinar novamente” para assinar o mesmo pedido outra vez.
この画面のお問い合わせ番号を、手続の窓口にお知らせください。
  Informe o número para contato desta página ao órgão do procedimento.
受領証(receipt.jws)は、署名検証者が公開している鍵(/.well-known/jwks.json)で、だれでも確かめられます。
  Qualquer pessoa pode conferir o recibo (receipt.jws) com as chaves que o verificador publica em
  /.well-known/jwks.json.
署名した内容のSHA-256は、署名の対象となった文書(正規化後)のハッシュ値です。同じ文書からは必ず同じ値が得られます。
  O SHA-256 do conteúdo assinado é o valor de hash do documento assinado (na forma canônica). O mesmo
  documento dá sempre o mesmo valor.
この控えには、署名した方の氏名や電子証明書の内容は含まれません。
  Este comprovante não contém o nome de quem assinou nem o conteúdo do certificado.
ブラウザーの「印刷」で、紙やPDFに残せます。
  Use “Imprimir” no navegador para guardá-lo em papel ou em PDF.
電子署名の控え
  Comprovante da assinatura eletrônica
署名した文書
  Documento assinado
検証の結果
  Resultado da verificação
確かめ方
  Como conferir
前の画面に戻る
  Voltar à página anterior
署名を開く
  Abrir a assinatura
このブラウザーで署名の手続を開きます。開くと、ほかのブラウザーや端末では続けられません。
  A assinatura será aberta neste navegador. Depois disso, não será possível continuar em outros
  navegadores ou aparelhos.
このブラウザーで開く
  Abrir neste navegador
このリンクを、写真に撮る、コピーして保存するなど、手元に残してください。ほかのブラウザーや端末でも開けます。一度だけ使えます。
  Guarde este link: tire uma foto ou copie-o. Ele também abre em outros navegadores e aparelhos.
  Funciona uma única vez.
他の人に教えないでください。もう一度署名できるのは、先ほど認証したご本人だけです。
  Não o mostre a outras pessoas. Só quem foi autenticado antes pode assinar novamente.
{until}まで使えます。
  Funciona até {until}.
この手続に戻るためのリンク
  Link para voltar a este procedimento
見えない文字
  caractere invisível
読む向きを変える文字
  muda a direção da leitura
別の字に似た文字
  parecido com outro caractere
前の字に重なる文字
  sobreposto ao anterior
決まりのない文字
  caractere não definido
移動しないときはここを押してください
  Pressione aqui se nada acontecer
次の画面へ移動します
  Indo para a próxima página
ログインの画面へ移動します。
  Indo para a página de entrada.
{host} の画面へ移動します。
  Indo para a página de {host}.
このブラウザーではパスキーを使えません。パスキーに対応したブラウザーで開いてください。
  Este navegador não pode usar chaves de acesso. Abra em um navegador que possa.
この認証器には、すでにパスキーがあります。そのままログインできます。
  Este autenticador já tem uma chave de acesso. Você pode entrar com ela.
パスキーの操作が取り消されたか、時間切れになりました。もう一度お試しください。
  A operação da chave de acesso foi cancelada ou o tempo acabou. Tente novamente.
パスキーにはJavaScriptが必要です。有効にしてから、開き直してください。
  As chaves de acesso precisam de JavaScript. Ative-o e abra esta página novamente.
試験環境
  Ambiente de teste
電子署名
  Assinatura eletrônica
個人情報の取扱い
  Tratamento de dados pessoais
お問い合わせ窓口
  Atendimento
{name}({former})
  {name} ({former})
署名は有効です。手続は完了しました。
  A assinatura é válida. O procedimento está concluído.
署名が正しくないことを確認しました。お問い合わせ窓口にご連絡ください。
  Foi confirmado que a assinatura não está correta. Entre em contato com o atendimento.
署名用電子証明書が失効しているか有効期間外のため、署名を有効と確認できませんでした。お問い合わせ窓口にご連絡ください。
  O certificado de assinatura foi revogado ou está fora do prazo de validade, por isso não foi
  possível confirmar que a assinatura é válida. Entre em contato com o atendimento.
署名が有効かどうかを判断できませんでした。お問い合わせ窓口にご連絡ください。
  Não foi possível decidir se a assinatura é válida. Entre em contato com o atendimento.
署名は有効です。
  A assinatura é válida.
`,
  ' ',
);
