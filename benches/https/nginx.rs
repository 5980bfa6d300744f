//! nginx, which ends TLS and passes on, as in the system that was replaced.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::tls::Tls;

/// A running nginx.
pub struct Front {
    address: SocketAddr,
    child: Child,
}

impl Front {
    pub async fn start(dir: &Path, tls: &Tls, behind: SocketAddr) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (own, certificate) = (dir.display(), tls.certificate.display());
        let key = tls.key.display();
        let config = format!(
            "daemon off; master_process on; worker_processes auto; pid {own}/nginx.pid;\n\
             error_log {own}/nginx.log warn; worker_rlimit_nofile 8192;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; tcp_nodelay on; keepalive_requests 10000000;\n\
             client_body_temp_path {own}/body; proxy_temp_path {own}/proxy;\n\
             fastcgi_temp_path {own}/fcgi; uwsgi_temp_path {own}/uwsgi; scgi_temp_path {own}/scgi;\n\
             upstream behind {{ server {behind}; keepalive 128; keepalive_requests 10000000; }}\n\
             server {{ listen {address} ssl; ssl_certificate {certificate};\n\
             ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;\n\
             location / {{ proxy_pass http://behind; proxy_http_version 1.1;\n\
             proxy_set_header Connection \"\"; proxy_set_header Host $host;\n\
             proxy_set_header X-Forwarded-For $remote_addr; }} }} }}\n"
        );
        let path = dir.join("nginx.conf");
        fs::write(&path, config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(dir).arg("-c").arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
        let front = Self { address, child: command.spawn().expect("nginx is needed") };
        for _ in 0..100 {
            if TcpStream::connect(address).await.is_ok() {
                return front;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nginx does not answer: {}", fs::read_to_string(dir.join("nginx.log")).unwrap());
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked.
        Command::new("kill").arg(self.child.id().to_string()).status().ok();
        self.child.wait().ok();
    }
}
