//! Settings: from the command line, the environment, one file, or a default, in this order.
//!
//! [`SETTINGS`] is the only list of them: the flags, what `vungxanh settings` prints and the page `docs/settings.md` are
//! made from it.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use vx_platform::{
    auth::single::{Provider, ProviderSettings},
    notify::{
        Channel, Couriers,
        gateway::{Gateway, GatewaySettings},
        mail::{Mail, MailSettings, Secrecy},
    },
    store::{StoreOptions, without_password},
    web::{Front, Proxies},
};

/// One setting.
pub struct Setting {
    /// Its key in the file; as a flag with hyphens.
    pub name: &'static str,
    /// Its variable in the environment.
    pub env: &'static str,
    /// What holds when nobody says anything; empty for nothing.
    pub default: &'static str,
    /// What may stand there.
    pub form: &'static str,
    /// What it does.
    pub vi: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "data",
        env: "VUNGXANH_DATA",
        default: "vungxanh-data",
        form: "DIR",
        vi: "thư mục dữ liệu: tệp gốc, minh chứng, và tệp SQLite nếu không dùng PostgreSQL",
        en: "folder of the data: originals, evidence, and the SQLite file unless PostgreSQL is used",
    },
    Setting {
        name: "database_url",
        env: "DATABASE_URL",
        default: "",
        form: "URL",
        vi: "địa chỉ PostgreSQL để lưu hồ sơ, thay cho tệp SQLite; mật khẩu trong địa chỉ không bao giờ được in ra",
        en: "PostgreSQL to keep the records in, instead of SQLite; a password in it is never printed",
    },
    Setting {
        name: "tenant",
        env: "VUNGXANH_TENANT",
        default: "tinh",
        form: "NAME",
        vi: "tên ngắn, không đổi, của cơ quan sở hữu dữ liệu, ví dụ soc-trang",
        en: "stable short name of the command that owns the data, such as soc-trang",
    },
    Setting {
        name: "host",
        env: "VUNGXANH_HOST",
        default: "127.0.0.1",
        form: "ADDRESS",
        vi: "địa chỉ lắng nghe",
        en: "address to listen on",
    },
    Setting {
        name: "port",
        env: "VUNGXANH_PORT",
        default: "8080",
        form: "NUMBER",
        vi: "cổng lắng nghe; 0 là một cổng bất kỳ còn trống",
        en: "port to listen on; 0 is any free one",
    },
    Setting {
        name: "https",
        env: "VUNGXANH_HTTPS",
        default: "false",
        form: "true|false",
        vi: "trình duyệt vào bằng HTTPS qua máy chủ ủy quyền (proxy) đứng trước; cookie chỉ gửi qua HTTPS",
        en: "browsers come over HTTPS, which a proxy in front ends; cookies are then for HTTPS only",
    },
    Setting {
        name: "trusted_proxies",
        env: "VUNGXANH_TRUSTED_PROXIES",
        default: "",
        form: "ADDRESSES",
        vi: "các proxy được tin khi cho biết địa chỉ người gọi (X-Forwarded-For): địa chỉ hoặc khối địa chỉ, cách nhau bằng dấu phẩy; từ nơi khác thì bỏ qua",
        en: "proxies that are believed when they say who calls (X-Forwarded-For): addresses or blocks, with commas between; from anybody else it is ignored",
    },
    Setting {
        name: "observe",
        env: "VUNGXANH_OBSERVE",
        default: "",
        form: "ADDRESS:PORT",
        vi: "địa chỉ riêng cho /metrics và /readyz kèm lý do, ví dụ 127.0.0.1:9464; để trống là không mở. Không đặt địa chỉ này sau proxy công khai",
        en: "an address of its own for /metrics and for /readyz with reasons, such as 127.0.0.1:9464; closed when empty. Do not put it behind a public proxy",
    },
    Setting {
        name: "log",
        env: "VUNGXANH_LOG",
        default: "text",
        form: "text|json",
        vi: "dạng nhật ký vận hành, ghi ra stderr",
        en: "form of the log, which is written to stderr",
    },
    Setting {
        name: "log_level",
        env: "VUNGXANH_LOG_LEVEL",
        default: "info",
        form: "LEVEL",
        vi: "mức nhật ký: error, warn, info, debug, trace; cho từng phần: info,sqlx=debug",
        en: "level of the log: error, warn, info, debug, trace; by part: info,sqlx=debug",
    },
    Setting {
        name: "stop_secs",
        env: "VUNGXANH_STOP_SECS",
        default: "20",
        form: "SECONDS",
        vi: "khi dừng, chờ tối đa từng này giây cho các yêu cầu đang xử lý",
        en: "when stopping, how long requests under way may take to finish",
    },
    Setting {
        name: "free_min_mb",
        env: "VUNGXANH_FREE_MIN_MB",
        default: "256",
        form: "MB",
        vi: "dung lượng trống tối thiểu của ổ đĩa dữ liệu; ít hơn thì /readyz và doctor báo đầy",
        en: "room that the disk of the data must have; with less, /readyz and doctor say that it is full",
    },
    Setting {
        name: "public_url",
        env: "VUNGXANH_PUBLIC_URL",
        default: "",
        form: "URL",
        vi: "địa chỉ mà trình duyệt dùng để vào phần mềm, ví dụ https://vungxanh.soctrang.gov.vn; cần cho đăng nhập một lần và cho liên kết trong thông báo gửi đi",
        en: "the address under which browsers find the program, such as https://vungxanh.soctrang.gov.vn; single sign-on needs it, and links in notices that are sent",
    },
    Setting {
        name: "oidc_issuer",
        env: "VUNGXANH_OIDC_ISSUER",
        default: "",
        form: "URL",
        vi: "hệ thống đăng nhập một lần (OpenID Connect); để trống là không dùng. Đăng ký với hệ thống đó hai địa chỉ: public_url/login/single/done và public_url/login",
        en: "provider of single sign-on (OpenID Connect); none when empty. Register two addresses with it: public_url/login/single/done and public_url/login",
    },
    Setting {
        name: "oidc_client_id",
        env: "VUNGXANH_OIDC_CLIENT_ID",
        default: "",
        form: "NAME",
        vi: "tên của phần mềm này ở hệ thống đăng nhập một lần",
        en: "name of this program at the provider",
    },
    Setting {
        name: "oidc_secret_file",
        env: "VUNGXANH_OIDC_SECRET_FILE",
        default: "",
        form: "FILE",
        vi: "tệp chứa khóa bí mật mà hệ thống đăng nhập một lần cấp; chỉ người dùng của dịch vụ được đọc. Để trống nếu hệ thống đó không cấp khóa",
        en: "file with the secret that the provider gave out, readable by the service's user only; empty when it gave none",
    },
    Setting {
        name: "oidc_claim",
        env: "VUNGXANH_OIDC_CLAIM",
        default: "sub",
        form: "NAME",
        vi: "mục trong thẻ của hệ thống đăng nhập một lần dùng để nhận ra một người; phải là mục mà người đó không tự sửa được",
        en: "claim of the provider's ID token that names a person; it must be one that nobody can set for themself",
    },
    Setting {
        name: "oidc_only",
        env: "VUNGXANH_OIDC_ONLY",
        default: "false",
        form: "true|false",
        vi: "chỉ quản trị hệ thống còn được đăng nhập bằng mật khẩu; mọi người khác dùng đăng nhập một lần",
        en: "only administrators may still sign in with a password; everybody else comes by single sign-on",
    },
    Setting {
        name: "smtp_host",
        env: "VUNGXANH_SMTP_HOST",
        default: "",
        form: "NAME",
        vi: "máy chủ thư (SMTP) để gửi thông báo; để trống là không gửi thư. Cần public_url và mail_from",
        en: "mail server (SMTP) for notices; no mail when empty. Needs public_url and mail_from",
    },
    Setting {
        name: "smtp_port",
        env: "VUNGXANH_SMTP_PORT",
        default: "587",
        form: "NUMBER",
        vi: "cổng của máy chủ thư; thường 587 với starttls, 465 với tls",
        en: "its port; usually 587 with starttls, 465 with tls",
    },
    Setting {
        name: "smtp_tls",
        env: "VUNGXANH_SMTP_TLS",
        default: "starttls",
        form: "starttls|tls|none",
        vi: "cách mã hóa; none chỉ dùng cho máy chủ thư đặt ngay trên máy này",
        en: "how the connection is encrypted; none for a mail server on this very machine only",
    },
    Setting {
        name: "smtp_ca_file",
        env: "VUNGXANH_SMTP_CA_FILE",
        default: "",
        form: "FILE",
        vi: "chứng thư (PEM) của cơ quan cấp riêng, khi chứng thư của máy chủ thư không do cơ quan mà máy này đã tin cậy cấp",
        en: "certificate (PEM) of an authority of your own, when that of the mail server comes from none that this machine trusts",
    },
    Setting {
        name: "smtp_login",
        env: "VUNGXANH_SMTP_LOGIN",
        default: "",
        form: "NAME",
        vi: "tên đăng nhập máy chủ thư; để trống nếu máy chủ không hỏi",
        en: "name to sign in with at the mail server; empty when it does not ask",
    },
    Setting {
        name: "smtp_password_file",
        env: "VUNGXANH_SMTP_PASSWORD_FILE",
        default: "",
        form: "FILE",
        vi: "tệp chứa mật khẩu máy chủ thư; chỉ người dùng của dịch vụ được đọc",
        en: "file with the password of the mail server, readable by the service's user only",
    },
    Setting {
        name: "mail_from",
        env: "VUNGXANH_MAIL_FROM",
        default: "",
        form: "ADDRESS",
        vi: "người gửi của thư thông báo, ví dụ Vùng Xanh <thong-bao@soctrang.gov.vn>",
        en: "from whom mails come, such as Vùng Xanh <thong-bao@soctrang.gov.vn>",
    },
    Setting {
        name: "gateway_url",
        env: "VUNGXANH_GATEWAY_URL",
        default: "",
        form: "URL",
        vi: "cổng tin nhắn HTTP cho SMS và ứng dụng trò chuyện, theo docs/gateway.md; để trống là không dùng. Cần public_url",
        en: "HTTP gateway for short messages and chat, by docs/gateway.md; none when empty. Needs public_url",
    },
    Setting {
        name: "gateway_secret_file",
        env: "VUNGXANH_GATEWAY_SECRET_FILE",
        default: "",
        form: "FILE",
        vi: "tệp chứa khóa ký yêu cầu gửi cổng tin nhắn, ít nhất 16 ký tự; chỉ người dùng của dịch vụ được đọc",
        en: "file with the key that signs requests to the gateway, 16 characters at least, readable by the service's user only",
    },
    Setting {
        name: "gateway_channels",
        env: "VUNGXANH_GATEWAY_CHANNELS",
        default: "sms",
        form: "sms,chat",
        vi: "cổng tin nhắn nhận những cách gửi nào",
        en: "which ways the gateway takes",
    },
    Setting {
        name: "notify_per_minute",
        env: "VUNGXANH_NOTIFY_PER_MINUTE",
        default: "60",
        form: "NUMBER",
        vi: "mỗi cách gửi tối đa bao nhiêu tin trong một phút; nhiều hơn thì chờ, hỏa tốc đi trước",
        en: "how many messages may go out in a minute on each way; more wait, the urgent ones go first",
    },
];

/// The file's name in the folder of the data.
pub const FILE: &str = "vungxanh.toml";
const CONFIG: &str = "config";
const CONFIG_ENV: &str = "VUNGXANH_CONFIG";
/// Settings of the demo, whose data are its own: it reads no file, and not where real data lie.
const OF_DEMO: &[&str] = &[
    "host",
    "port",
    "https",
    "trusted_proxies",
    "observe",
    "log",
    "log_level",
    "stop_secs",
    "free_min_mb",
    "public_url",
    "oidc_issuer",
    "oidc_client_id",
    "oidc_secret_file",
    "oidc_claim",
    "oidc_only",
    "smtp_host",
    "smtp_port",
    "smtp_tls",
    "smtp_ca_file",
    "smtp_login",
    "smtp_password_file",
    "mail_from",
    "gateway_url",
    "gateway_secret_file",
    "gateway_channels",
    "notify_per_minute",
];

impl Setting {
    fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    fn is_switch(&self) -> bool {
        self.form == "true|false"
    }

    fn argument(&'static self) -> Arg {
        let holds = if self.default.is_empty() { String::new() } else { format!(", = {}", self.default) };
        let argument = Arg::new(self.name)
            .long(self.flag())
            .value_name(self.form)
            .help(format!("{} / {} [{}{holds}]", self.vi, self.en, self.env))
            .help_heading("Cấu hình / settings");
        if self.is_switch() {
            argument.num_args(0..=1).require_equals(true).default_missing_value("true")
        } else {
            argument
        }
    }
}

/// What stood on the command line, as it was written.
#[derive(Clone, Debug, Default)]
pub struct Given(BTreeMap<&'static str, String>);

impl Given {
    fn read(matches: &ArgMatches, names: impl Iterator<Item = &'static str>) -> Self {
        let found = names.filter_map(|name| matches.get_one::<String>(name).map(|text| (name, text.clone())));
        Self(found.collect())
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::read(matches, SETTINGS.iter().map(|setting| setting.name).chain([CONFIG])))
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new(CONFIG)
            .long(CONFIG)
            .value_name("FILE")
            .help(format!("tệp cấu hình / file of settings [{CONFIG_ENV}, = DIR/{FILE}]"))
            .help_heading("Cấu hình / settings");
        command.args(SETTINGS.iter().map(Setting::argument)).arg(config)
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// What stood on the demo's command line.
#[derive(Clone, Debug, Default)]
pub struct GivenToDemo(Given);

impl FromArgMatches for GivenToDemo {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(Given::read(matches, OF_DEMO.iter().copied())))
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for GivenToDemo {
    fn augment_args(command: Command) -> Command {
        command.args(SETTINGS.iter().filter(|setting| OF_DEMO.contains(&setting.name)).map(Setting::argument))
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Where a value came from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment.
    Env(&'static str),
    /// The file, and the line in it.
    File(PathBuf, usize),
    /// Nobody said anything.
    #[default]
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("dòng lệnh / command line"),
            Self::Env(name) => f.write_str(name),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("mặc định / default"),
        }
    }
}

/// The settings of this run.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// Folder of the data.
    pub data: PathBuf,
    /// PostgreSQL, when the records are kept there.
    pub database_url: Option<String>,
    /// Whose data these are.
    pub tenant: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether browsers come over HTTPS.
    pub https: bool,
    /// How the site stands to what is around it.
    pub front: Front,
    /// Where to answer about oneself, if anywhere.
    pub observe: Option<SocketAddr>,
    /// Whether the log is JSON.
    pub log_json: bool,
    /// Level of the log.
    pub log_level: String,
    /// How long stopping may take.
    pub stop_after: Duration,
    /// Who signs people in besides the program, if anybody.
    pub provider: Option<ProviderSettings>,
    /// By which ways notices leave the program.
    pub post: PostSettings,
}

/// By which ways notices leave the program.
#[derive(Clone, Debug)]
pub struct PostSettings {
    /// The mail server, if any.
    pub mail: Option<MailSettings>,
    /// The gateway, if any.
    pub gateway: Option<GatewaySettings>,
    /// The address under which people find the program.
    pub public_url: String,
    /// How many messages may go out in a minute on each way.
    pub per_minute: i64,
}

impl PostSettings {
    /// The ways themselves. Within the runtime only.
    ///
    /// # Errors
    /// When a setting cannot be what it should; [`Settings::new`] has looked before.
    pub fn couriers(&self) -> anyhow::Result<Couriers> {
        let unfit = |name: &'static str| anyhow!("{name}");
        Ok(Couriers {
            mail: self.mail.clone().map(Mail::new).transpose().map_err(unfit)?,
            gateway: self.gateway.clone().map(Gateway::new).transpose().map_err(unfit)?,
            public_url: self.public_url.clone(),
            per_minute: self.per_minute,
        })
    }
}

impl Settings {
    /// Puts together what was said; `env` is the environment.
    ///
    /// # Errors
    /// When the file cannot be read or holds an unknown key, or when a value cannot be what it should.
    pub fn new(given: &Given, env: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let of = |name| given.0.get(name).cloned();
        let file = match of(CONFIG).or_else(|| env(CONFIG_ENV)) {
            Some(path) => Some(PathBuf::from(path)),
            None => {
                let data = of("data").or_else(|| env("VUNGXANH_DATA")).unwrap_or_else(|| "vungxanh-data".to_owned());
                Some(Path::new(&data).join(FILE)).filter(|path| path.is_file())
            }
        };
        let is_named = of(CONFIG).or_else(|| env(CONFIG_ENV)).is_some();
        let from_file = match &file {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!(
                        "Không đọc được tệp cấu hình {0}. / The file of settings {0} cannot be read.",
                        path.display()
                    )
                })?;
                let read = read_file(&text).map_err(|(line, what)| anyhow!("{}:{line}: {what}", path.display()))?;
                if let Some((_, line)) = read.get("data").filter(|_| !is_named) {
                    bail!(
                        "{0}:{line}: tệp này được tìm thấy trong thư mục dữ liệu nên không thể đặt lại data; dùng --config hoặc --data. \
                         / This file was found through the folder of the data, so it cannot name another; use --config or --data.",
                        path.display()
                    );
                }
                read
            }
            None => BTreeMap::new(),
        };
        let values = SETTINGS.iter().map(|setting| {
            let value = of(setting.name).map(|value| (value, Origin::Flag));
            let value = value.or_else(|| env(setting.env).map(|value| (value, Origin::Env(setting.env))));
            let value = value.or_else(|| {
                let (value, line) = from_file.get(setting.name)?;
                Some((value.clone(), Origin::File(file.clone()?, *line)))
            });
            (setting.name, value.unwrap_or_else(|| (setting.default.to_owned(), Origin::Default)))
        });
        Self::of(values.collect())
    }

    /// The settings of a demo whose data lie in a folder.
    ///
    /// # Errors
    /// When a value cannot be what it should.
    pub fn of_demo(given: &GivenToDemo, folder: &Path, env: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut given = given.0.clone();
        given.0.insert("data", folder.display().to_string());
        let values = SETTINGS.iter().map(|setting| {
            let value = given.0.get(setting.name).map(|value| (value.clone(), Origin::Flag));
            let from_env = || {
                let value = env(setting.env).filter(|value| !value.is_empty() && OF_DEMO.contains(&setting.name))?;
                Some((value, Origin::Env(setting.env)))
            };
            (setting.name, value.or_else(from_env).unwrap_or_else(|| (setting.default.to_owned(), Origin::Default)))
        });
        Self::of(values.collect())
    }

    fn of(values: BTreeMap<&'static str, (String, Origin)>) -> anyhow::Result<Self> {
        let text = |name: &str| values.get(name).map_or("", |(value, _)| value.trim());
        let said = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
        let free_min: u64 = read(&values, "free_min_mb")?;
        let proxies: Proxies = read(&values, "trusted_proxies")?;
        let log_level: String = read(&values, "log_level")?;
        log_level.parse::<tracing_subscriber::EnvFilter>().map_err(|_| unfit(&values, "log_level"))?;
        let log_json = match text("log") {
            "text" => false,
            "json" => true,
            _ => return Err(unfit(&values, "log")),
        };
        let settings = Self {
            data: PathBuf::from(text("data")),
            database_url: said("database_url").map(str::to_owned),
            tenant: text("tenant").to_owned(),
            listen: SocketAddr::new(read::<IpAddr>(&values, "host")?, read(&values, "port")?),
            https: read(&values, "https")?,
            front: Front { proxies, free_min: free_min.saturating_mul(1024 * 1024) },
            observe: said("observe").map(|_| read(&values, "observe")).transpose()?,
            log_json,
            log_level,
            stop_after: Duration::from_secs(read(&values, "stop_secs")?),
            provider: said("oidc_issuer").map(|_| provider(&values)).transpose()?,
            post: post(&values)?,
            values,
        };
        if settings.tenant.is_empty() {
            return Err(unfit(&settings.values, "tenant"));
        }
        Ok(settings)
    }

    /// Where the records are.
    #[must_use]
    pub fn store(&self) -> StoreOptions {
        match &self.database_url {
            Some(url) => StoreOptions { url: url.clone(), tenant: self.tenant.clone() },
            None => StoreOptions::in_folder(&self.data, &self.tenant),
        }
    }

    /// Where a value came from.
    #[must_use]
    pub fn origin(&self, name: &str) -> &Origin {
        self.values.get(name).map_or(&Origin::Default, |(_, origin)| origin)
    }

    /// Every setting with its value and where it came from. What is secret is left out.
    #[must_use]
    pub fn table(&self) -> String {
        let rows = SETTINGS.iter().filter_map(|setting| {
            let (value, origin) = self.values.get(setting.name)?;
            let value = if value.is_empty() { "–".to_owned() } else { without_password(value) };
            Some((setting.name, value, origin))
        });
        let rows: Vec<_> = rows.collect();
        let width = |text: fn(&(&'static str, String, &Origin)) -> usize| rows.iter().map(text).max().unwrap_or(0);
        let (names, values) = (width(|row| row.0.chars().count()), width(|row| row.1.chars().count()));
        rows.iter().map(|(name, value, origin)| format!("{name:<names$}  {value:<values$}  {origin}\n")).collect()
    }
}

/// What a file holds that a setting names; none when it names none or the file is empty.
fn text_of_file(values: &BTreeMap<&'static str, (String, Origin)>, name: &str) -> anyhow::Result<Option<String>> {
    let file = values.get(name).map_or("", |(value, _)| value.trim());
    if file.is_empty() {
        return Ok(None);
    }
    let secret = std::fs::read_to_string(file)
        .with_context(|| format!("Không đọc được {name} {file}. / The file {name} {file} cannot be read."))?;
    Ok(Some(secret.trim().to_owned()).filter(|secret| !secret.is_empty()))
}

fn post(values: &BTreeMap<&'static str, (String, Origin)>) -> anyhow::Result<PostSettings> {
    let text = |name: &str| values.get(name).map_or("", |(value, _)| value.trim()).to_owned();
    let per_minute: i64 = read(values, "notify_per_minute")?;
    if per_minute < 1 {
        return Err(unfit(values, "notify_per_minute"));
    }
    let public_url = text("public_url");
    let (smtp, gateway) = (text("smtp_host"), text("gateway_url"));
    let sends = !smtp.is_empty() || !gateway.is_empty();
    if sends && !public_url.starts_with("http") {
        return Err(unfit(values, "public_url"));
    }
    let mail = if smtp.is_empty() {
        None
    } else {
        let login = text("smtp_login");
        let password = text_of_file(values, "smtp_password_file")?.unwrap_or_default();
        let mail = MailSettings {
            host: smtp,
            port: read(values, "smtp_port")?,
            secrecy: Secrecy::parse(&text("smtp_tls")).ok_or_else(|| unfit(values, "smtp_tls"))?,
            authority: text_of_file(values, "smtp_ca_file")?,
            login: (!login.is_empty()).then_some((login, password)),
            from: text("mail_from"),
        };
        mail.check().map_err(|name| unfit(values, name))?;
        Some(mail)
    };
    let gateway = if gateway.is_empty() {
        None
    } else {
        let channels = text("gateway_channels");
        let channels = channels.split(',').map(|word| Channel::parse(word.trim())).collect::<Option<Vec<_>>>();
        let gateway = GatewaySettings {
            url: gateway,
            secret: text_of_file(values, "gateway_secret_file")?.unwrap_or_default(),
            channels: channels.ok_or_else(|| unfit(values, "gateway_channels"))?,
        };
        // What does not fit is said at the start, not when somebody waits for a message.
        Gateway::new(gateway.clone()).map_err(|name| unfit(values, name))?;
        Some(gateway)
    };
    Ok(PostSettings { mail, gateway, public_url, per_minute })
}

fn provider(values: &BTreeMap<&'static str, (String, Origin)>) -> anyhow::Result<ProviderSettings> {
    let text = |name: &str| values.get(name).map_or("", |(value, _)| value.trim()).to_owned();
    let secret = text_of_file(values, "oidc_secret_file")?;
    let settings = ProviderSettings {
        issuer: text("oidc_issuer"),
        client_id: text("oidc_client_id"),
        secret,
        claim: text("oidc_claim"),
        public_url: text("public_url"),
        only: read(values, "oidc_only")?,
    };
    // What does not fit is said at the start, not to the first person who wants to sign in.
    Provider::new(settings.clone()).map_err(|name| unfit(values, name))?;
    Ok(settings)
}

fn unfit(values: &BTreeMap<&'static str, (String, Origin)>, name: &str) -> anyhow::Error {
    let (value, origin) = values.get(name).cloned().unwrap_or_default();
    let form = SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.form);
    let value = without_password(&value);
    anyhow!(
        "{name} = “{value}” ({origin}): giá trị không hợp lệ, cần {form}. / This value does not fit, {form} is expected."
    )
}

fn read<T: std::str::FromStr>(values: &BTreeMap<&'static str, (String, Origin)>, name: &str) -> anyhow::Result<T> {
    let text = values.get(name).map_or("", |(value, _)| value.trim());
    text.parse().map_err(|_| unfit(values, name))
}

/// A value of a file, and its line.
type InFile = (String, usize);

/// Values of a file with their lines. An unknown key is refused with its line and the nearest key there is: a setting
/// that was misspelt would otherwise hold nowhere without anybody's noticing.
fn read_file(text: &str) -> Result<BTreeMap<&'static str, InFile>, (usize, String)> {
    use toml::de::{DeTable, DeValue};
    let line_of = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let table = DeTable::parse(text)
        .map_err(|error| (error.span().map_or(1, |span| line_of(span.start)), format!("{} (TOML)", error.message())))?;
    let mut values = BTreeMap::new();
    for (key, value) in table.get_ref() {
        let (name, line) = (key.get_ref().as_ref(), line_of(key.span().start));
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let nearest = SETTINGS.iter().map(|setting| setting.name).min_by_key(|known| distance(name, known));
            let nearest = nearest.unwrap_or_default();
            return Err((
                line,
                format!(
                    "không có cấu hình “{name}”; gần nhất là “{nearest}”. / There is no setting “{name}”; the nearest is “{nearest}”."
                ),
            ));
        };
        let plain = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            DeValue::Boolean(yes) => Some(yes.to_string()),
            _ => None,
        };
        let value = match value.get_ref() {
            DeValue::Array(values) => {
                values.iter().map(|value| plain(value.get_ref())).collect::<Option<Vec<_>>>().map(|all| all.join(","))
            }
            other => plain(other),
        };
        let value =
            value.ok_or_else(|| (line, format!("{name}: cần {}. / {} is expected.", setting.form, setting.form)))?;
        values.insert(setting.name, (value, line));
    }
    Ok(values)
}

/// How many letters must be changed, added or taken away to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut above_left = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, other_letter) in other.iter().enumerate() {
            let (left, above) = (row.get(j).copied().unwrap_or(0), row.get(j + 1).copied().unwrap_or(0));
            let best = (above_left + usize::from(letter != *other_letter)).min(left + 1).min(above + 1);
            above_left = above;
            if let Some(here) = row.get_mut(j + 1) {
                *here = best;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The page `docs/settings.md`, which a test holds beside this list.
#[must_use]
pub fn page() -> String {
    let table = |said: fn(&Setting) -> &'static str, head: &str, none: &str| {
        let rows = SETTINGS.iter().map(|setting| {
            let holds = if setting.default.is_empty() { none.to_owned() } else { format!("`{}`", setting.default) };
            let form = setting.form.replace('|', "\\|");
            format!(
                "| `{}` | `--{}` | `{}` | {form} | {holds} | {} |\n",
                setting.name,
                setting.flag(),
                setting.env,
                said(setting)
            )
        });
        format!("{head}\n|---|---|---|---|---|---|\n{}", rows.collect::<String>())
    };
    format!(
        include_str!("settings.md"),
        vi = table(
            |setting| setting.vi,
            "| Khóa trong tệp | Cờ | Biến môi trường | Dạng | Mặc định | Ý nghĩa |",
            "trống"
        ),
        en = table(
            |setting| setting.en,
            "| Key in the file | Flag | Variable | Form | Default | What it does |",
            "none"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&'static str, &str)]) -> Given {
        Given(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }

    fn in_env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_flag_comes_before_the_environment_before_the_file_before_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().display().to_string();
        std::fs::write(folder.path().join(FILE), "# nhẹ thôi\nport = 1\nhost = \"0.0.0.0\"\ntenant = \"soc-trang\"\n")
            .expect("a file");
        let flags = given(&[("port", "3"), ("data", &data)]);
        let env = in_env(&[("VUNGXANH_PORT", "2"), ("VUNGXANH_HOST", "::1"), ("VUNGXANH_STOP_SECS", "")]);
        let settings = Settings::new(&flags, env).expect("settings");
        let origin = |name| settings.origin(name).clone();
        let file = |line| Origin::File(folder.path().join(FILE), line);
        assert_eq!((settings.listen.port(), origin("port")), (3, Origin::Flag));
        assert_eq!((settings.listen.ip().to_string(), origin("host")), ("::1".into(), Origin::Env("VUNGXANH_HOST")));
        assert_eq!((settings.tenant.as_str(), origin("tenant")), ("soc-trang", file(4)));
        assert_eq!((settings.stop_after.as_secs(), origin("stop_secs")), (20, Origin::Default), "empty is not said");
    }

    #[test]
    fn a_file_that_cannot_be_meant_so_is_refused_with_its_line() {
        let cases = [
            ("port = 80\nprot = 1\n", 2, "“port”"),
            ("trusted_proxy = \"::1\"\n", 1, "“trusted_proxies”"),
            ("\n[server]\nport = 1\n", 2, "server"),
            ("port = { a = 1 }\n", 1, "NUMBER"),
            ("port = \n", 1, "TOML"),
        ];
        for (text, line, part) in cases {
            let (at, what) = read_file(text).expect_err(text);
            assert_eq!(at, line, "{text}: {what}");
            assert!(what.contains(part), "{text}: {what}");
        }
        let read =
            read_file("trusted_proxies = [\"::1\", \"10.0.0.0/8\"]\nhttps = true\n").expect("a list and a switch");
        assert_eq!(read["trusted_proxies"].0, "::1,10.0.0.0/8");
        assert_eq!(read["https"], ("true".to_owned(), 2));
    }

    #[test]
    fn values_that_do_not_fit_are_refused_by_name() {
        for (name, value) in [
            ("port", "70000"),
            ("host", "localhost:1"),
            ("https", "yes"),
            ("log", "xml"),
            ("observe", "9464"),
            ("trusted_proxies", "nginx"),
            ("stop_secs", "-1"),
            ("tenant", " "),
        ] {
            let error = Settings::new(&given(&[(name, value)]), |_| None).expect_err(name).to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_provider_is_checked_before_anybody_is_served() {
        let folder = tempfile::tempdir().expect("a folder");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, " kín \n").expect("a file");
        let secret = secret.display().to_string();
        let good = [
            ("oidc_issuer", "https://dangnhap.soctrang.gov.vn"),
            ("oidc_client_id", "vungxanh"),
            ("oidc_secret_file", secret.as_str()),
            ("public_url", "https://vungxanh.soctrang.gov.vn"),
        ];
        let of = |changed: (&'static str, &str)| {
            let pairs: Vec<_> = good.iter().map(|pair| if pair.0 == changed.0 { changed } else { *pair }).collect();
            Settings::new(&given(&pairs), |_| None)
        };
        let settings = of(("", "")).expect("settings");
        let provider = settings.provider.clone().expect("a provider");
        assert_eq!((provider.secret.as_deref(), provider.claim.as_str(), provider.only), (Some("kín"), "sub", false));
        assert!(!settings.table().contains("kín"), "the secret is not printed");
        assert!(of(("oidc_issuer", "")).expect("settings").provider.is_none());
        for (name, value) in [
            ("oidc_issuer", "http://dangnhap.soctrang.gov.vn"),
            ("oidc_client_id", " "),
            ("public_url", ""),
            ("oidc_secret_file", "/not-there"),
        ] {
            let error = of((name, value)).expect_err(name).to_string();
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn a_file_in_the_folder_of_the_data_cannot_name_another_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), "data = \"elsewhere\"\n").expect("a file");
        let path = folder.path().join(FILE).display().to_string();
        Settings::new(&given(&[("data", &folder.path().display().to_string())]), |_| None).expect_err("refused");
        let settings = Settings::new(&given(&[("config", &path)]), |_| None).expect("named, it may");
        assert_eq!(settings.data, PathBuf::from("elsewhere"));
        Settings::new(&given(&[("config", "not-there.toml")]), |_| None).expect_err("a named file must be there");
    }

    #[test]
    fn secrets_are_not_printed() {
        let url = "postgres://vx:very-secret@db.example/vx";
        let settings = Settings::new(&given(&[("database_url", url)]), |_| None).expect("settings");
        let table = settings.table();
        assert!(!table.contains("very-secret") && table.contains("db.example"), "{table}");
        assert_eq!(settings.store().url, url);
        for (written, shown) in [
            ("host=db.example password=very-secret user=vx", "host=db.example password=…"),
            ("host=db.example PassWord = 'very-secret a://b@c?d'", "host=db.example password=…"),
            ("postgres://db.example/vx?user=vx&password=very-secret", "postgres://db.example/vx"),
            ("sqlite:/srv/password=1/vx.sqlite", "sqlite:/srv/password=1/vx.sqlite"),
            ("/srv/passwords", "/srv/passwords"),
        ] {
            assert_eq!(without_password(written), shown);
        }
    }

    #[test]
    fn a_demo_does_not_look_where_real_data_lie() {
        let env = in_env(&[("VUNGXANH_DATA", "real"), ("DATABASE_URL", "postgres://real"), ("VUNGXANH_PORT", "9")]);
        let settings = Settings::of_demo(&GivenToDemo::default(), Path::new("demo"), env).expect("settings");
        assert_eq!((settings.data.clone(), settings.database_url.clone()), (PathBuf::from("demo"), None));
        assert_eq!(settings.listen.port(), 9);
    }
}
