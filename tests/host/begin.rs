//! A host's first minutes: the package, its settings, its certificate.

use std::path::Path;

use reqwest::Client;
use serde_json::Value;

use crate::guest::Guest;
use crate::outside::{MASTER, Outside};

const OPERATOR: i64 = 111;

/// Opens the ways out, and starts the authority for certificates.
pub fn connect(guest: &Guest, outside: &Outside) {
    let [telegram, yookassa] = outside.ports();
    let way = |name: &str, listen: &str, to: &str| {
        format!(
            "printf '[Socket]\\nListenStream={listen}\\nSocketMode=0666\\n[Install]\\n\
             WantedBy=sockets.target\\n' >/etc/systemd/system/out-{name}.socket\n\
             printf '[Service]\\nLimitNOFILE=65536\\nExecStart=/lib/systemd/systemd-socket-proxyd \
             --connections-max=4096 {to}\\n' \
             >/etc/systemd/system/out-{name}.service\n\
             systemctl enable --now --quiet out-{name}.socket\n"
        )
    };
    let ways = [
        way("telegram", &format!("127.0.0.1:{telegram}"), "/outside/telegram.sock"),
        way("yookassa", &format!("127.0.0.1:{yookassa}"), "/outside/yookassa.sock"),
        way("https", "/outside/https.sock", "127.0.0.1:443"),
    ];
    guest.run(&ways.concat());
    guest.run(PEBBLE);
}

/// An authority of the guest's own, which is always there.
const PEBBLE: &str = r#"
mkdir -p /etc/pebble && cd /etc/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=pebble-ca \
    -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -keyout key.pem -out own.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\n' >own.ext
openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile own.ext \
    -out cert.pem 2>/dev/null
cat >pebble.json <<'J'
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/etc/pebble/cert.pem", "privateKey": "/etc/pebble/key.pem",
 "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false}}
J
cat >/etc/systemd/system/pebble.service <<'U'
[Service]
Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
ExecStart=/usr/bin/pebble -config /etc/pebble/pebble.json
[Install]
WantedBy=multi-user.target
U
systemctl enable --now --quiet pebble
"#;

pub fn install(guest: &Guest, package: &Path) {
    guest.put(package, "/root/slotbox.deb");
    let told = guest.run(
        "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
         /root/slotbox.deb",
    );
    assert!(told.contains("now run: slotbox setup"), "{told}");
    let modes = "stat -c '%a %U:%G %n' /etc/slotbox/credentials /etc/slotbox/credentials/sealing.key \
                 /var/lib/slotbox";
    assert_eq!(
        guest.run(modes),
        "700 root:root /etc/slotbox/credentials\n\
         600 root:root /etc/slotbox/credentials/sealing.key\n\
         700 slotbox:slotbox /var/lib/slotbox\n"
    );
}

/// Sets the host up without a question, and has the first operator follow the link.
pub async fn set_up(guest: &Guest, outside: &Outside) {
    let (telegram, yookassa) = (outside.telegram.url(), outside.shop.url());
    let (master, sales) = (&outside.master_token, &outside.sales_token);
    let (shop, key) = (outside.shop.shop_id(), outside.shop.secret_key());
    let told = guest.run(&format!(
        "umask 077; cat >/root/answers.toml <<'E'\n\
         [server]\ndomain = 'bots.example.test'\nsupport = '@slotbox_support'\n\
         [tls]\nmode = 'acme'\ncontact = 'ops@example.test'\n\
         directory_url = 'https://localhost:14000/dir'\ndirectory_ca_file = '/etc/pebble/ca.pem'\n\
         [telegram]\napi_url = '{telegram}'\nmaster_token = '{master}'\n\
         sales_token = '{sales}'\n\
         [yookassa]\napi_url = '{yookassa}'\nshop_id = '{shop}'\nsecret_key = '{key}'\n\
         trusted_networks = ['127.0.0.0/8', '::1/128']\nE\n\
         slotbox setup --answers /root/answers.toml"
    ));
    assert!(told.contains("https://bots.example.test/yookassa/webhook"), "{told}");
    let (_, link) = told.split_once(&format!("https://t.me/{MASTER}?start=")).unwrap();
    let code = link.split_whitespace().next().unwrap();
    let operator = outside.person(MASTER, OPERATOR, "Мария");
    operator.say(&format!("/start {code}"), "оператор").await.unwrap();
    let late = outside.person(MASTER, OPERATOR + 1, "Чужая");
    late.say(&format!("/start {code}"), "").await.unwrap();
    let operators = guest.run("slotbox operators list --json");
    let is_one = |id: i64| operators.contains(&id.to_string());
    assert!(is_one(OPERATOR) && !is_one(OPERATOR + 1), "{operators}");
    let modes = "stat -c '%a %U:%G' /etc/slotbox/conf.d/50-setup.toml \
                 /etc/slotbox/credentials/telegram.master_token";
    assert_eq!(guest.run(modes), "640 root:slotbox\n600 root:root\n");
}

/// Waits for the certificate, and returns a client that trusts who gave it.
pub async fn certified(guest: &Guest, outside: &Outside) -> Client {
    guest.until(
        "there is no certificate",
        "openssl s_client -connect 127.0.0.1:443 -servername bots.example.test </dev/null \
         2>/dev/null | grep -Eq 'issuer=CN ?= ?Pebble'",
    );
    let root = guest.run("curl -sS --cacert /etc/pebble/ca.pem https://localhost:15000/roots/0");
    let client = outside.client(&root);
    let health: Value =
        client.get(outside.page("/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health["status"], "healthy", "{health}");
    client
}
