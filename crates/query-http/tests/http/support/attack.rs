//! Attackers come from 127.0.0.2, the good client from 127.0.0.1.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use l0_stage::Stop;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{PATIENCE, Server, get};

const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// The promise is 200 ms for a release, which `make bench` measures. This may be a debug build,
/// beside its attackers and other tests. Without the protection that is tested, an answer takes 10
/// s or more.
const IN_TIME: Duration = Duration::from_secs(5);

/// Only one attack runs at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Far longer than any attack takes: a test fails instead of hanging.
const LONGEST: Duration = Duration::from_secs(60);

/// A connection of the attacker.
pub async fn intrude(address: SocketAddr) -> io::Result<TcpStream> {
    socket()?.connect(address).await
}

/// The same, with very little room for what the server sends.
pub async fn intrude_with_a_small_window(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket()?;
    socket.set_recv_buffer_size(4096)?;
    socket.connect(address).await
}

/// The same, from one of many addresses.
pub async fn intrude_as(number: u8, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 1, number), 0).into())?;
    socket.set_recv_buffer_size(4096)?;
    socket.connect(address).await
}

fn socket() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((ATTACKER, 0).into())?;
    Ok(socket)
}

/// Everything that the server sends until it closes, in whatever way.
pub async fn everything(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let closed = timeout(PATIENCE, async {
        while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {}
    });
    closed.await.expect("the server closes the connection");
    bytes
}

/// The status of the first answer. `None` if the connection was closed without one.
pub fn status(answer: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(answer.get(9..12)?).ok()?;
    Some(text.parse().expect("a status line"))
}

/// Sends one request from the attacker's address. Returns the status of the answer, if any.
pub async fn strike(address: SocketAddr, request: &[u8]) -> Option<u16> {
    let mut stream = intrude(address).await.expect("connect");
    // A server that refuses the request may close before it has read everything.
    let _ = stream.write_all(request).await;
    status(&everything(&mut stream).await)
}

/// Runs an attack while a good client asks for `targets` in turn. Each must be answered 200, in
/// time.
pub async fn withstand<T>(
    server: &Server,
    targets: &'static [&'static str],
    attack: impl Future<Output = T>,
) -> T {
    let _alone = ALONE.lock().await;
    let (address, over) = (server.address, Stop::new());
    let during = over.child();
    let good = tokio::spawn(async move {
        for target in targets.iter().cycle() {
            let answer = timeout(IN_TIME, get(address, target)).await;
            let answer = answer.unwrap_or_else(|_| panic!("{target} was not answered in time"));
            assert_eq!(answer.status, 200, "{target}");
            if during.is_requested() {
                break;
            }
        }
    });
    let outcome = timeout(LONGEST, attack).await.expect("the attack comes to its end");
    over.request();
    good.await.expect("the good client is answered all the while");
    outcome
}
