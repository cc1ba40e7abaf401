/** What the options of several commands say. */
export const JSON_OUT = 'JSON で出力';
export const ONE_JSON_OBJECT = '一つの JSON オブジェクトで出力';
const WHOSE_STORE = 'どの役割のストアか。役割ごとにファイルまたはスキーマを持つ';
export const WHOSE_EVIDENCE = 'どの役割のストアか。エビデンスを保管するのはこの二つだけ';
export const STORE_OPTIONS = { role: WHOSE_STORE, json: JSON_OUT } as const;
export const STORE_PLACE = `ストアは DATABASE_URL の PostgreSQL（スキーマは JITSUIN_DATABASE_SCHEMA、
既定は jitsuin_<役割>）。なければ JITSUIN_DATA_DIR（既定は ./data）に
ある、その役割の SQLite ファイル。`;
export const OPENED_WITH = 'JITSUIN_SEAL_KEY_FILE（と JITSUIN_SEAL_KMS_MODULE）で開く。';
export const ROLE_SETTINGS = `設定は環境変数か、--env-file で与えた KEY=VALUE の行のファイルから読む（環境変数が優先）。
模擬環境一式のファイルは「jitsuin init」が書き出す。その役割が読まない名と、
受け入れられない値があれば起動せず、すべてを一度に示す。SIGTERM か SIGINT まで動き、その後は長くて 30 秒で処理中のものを終えて止まる。`;
