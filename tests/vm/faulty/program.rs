//! A program that does not do what it should, in the place of `/sbin/init` or `/sbin/connector`.
//! The tests compile it with one predicate `fault` each.

#[cfg(fault = "ends")]
fn main() {
    std::process::exit(3);
}

#[cfg(fault = "hangs")]
fn main() {
    loop {
        std::thread::park();
    }
}

/// Every role but web says that it is ready.
#[cfg(fault = "silent-web")]
fn main() {
    use std::io::Write;
    let role = std::env::args().nth(1);
    let stream = std::os::unix::net::UnixStream::connect("/run/bus/init/socket");
    if let (Ok(mut stream), true) = (stream, role.as_deref() != Some("web")) {
        let _ = stream.write_all(b"{\"request\":\"ready\"}\n");
    }
    loop {
        std::thread::park();
    }
}
