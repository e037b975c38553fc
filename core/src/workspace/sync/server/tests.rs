use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use yrs::encoding::write::Write;
use yrs::updates::decoder::Decode;
use yrs::{Any, Doc, Map, ReadTxn, StateVector, Transact, Update};

use super::super::handshake::answer;
use super::*;
use crate::workspace::{Edit, Value, lib0, new_id};

/// What comes of synchronising with a server that shakes hands and then says this, whatever it is asked.
async fn met(says: Vec<Vec<u8>>) -> (Result<Synced, WorkspaceError>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let notes = Workspace::open(folder.path()).await.unwrap();
    notes.edit(vec![note("ours")]).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = Url::parse(&format!("ws://user:hunter2@{address}/room?token=hunter2")).unwrap();
    let there = tokio::spawn(async move {
        let mut socket = shaken(listener.accept().await.unwrap().0).await;
        for frame in says {
            socket.write_frame(Frame::binary(Payload::Owned(frame))).await.unwrap();
        }
        // Until the other one goes, or has heard enough.
        while socket.read_frame().await.is_ok_and(|frame| frame.opcode != OpCode::Close) {}
    });
    let server = Server { url, framing: Framing::Websocket };
    let synced = notes.sync_server(&server).await;
    there.abort();
    let log = std::fs::read(notes.path()).unwrap();
    assert!(!log.windows(7).any(|part| part == b"hunter2"), "a secret of the address lies in the log");
    (synced, notes.snapshot().rows("notes").count())
}

async fn shaken(mut stream: TcpStream) -> WebSocket<TcpStream> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = answer(key);
    let head = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    WebSocket::after_handshake(stream, Role::Server)
}

fn answered(update: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 1];
    Write::write_buf(&mut frame, update);
    frame
}

fn note(title: &str) -> Edit {
    let values = vec![
        ("title", Value::Text(title.to_owned())),
        ("created_at", Value::Integer(1)),
        ("changed_at", Value::Integer(1)),
    ];
    Edit::Create { table: "notes", id: new_id(), values }
}

/// A server that keeps what it is sent, as those of Yjs do.
async fn keeping(listener: TcpListener, doc: Doc) {
    loop {
        let mut socket = shaken(listener.accept().await.unwrap().0).await;
        while let Ok(frame) = socket.read_frame().await {
            let mut rest = frame.payload.get(2..).unwrap_or_default();
            match (frame.opcode, frame.payload.get(..2)) {
                (OpCode::Close, _) => break,
                (_, Some([0, 0])) => {
                    let all = doc.transact().encode_state_as_update_v1(&StateVector::default());
                    let frame = Frame::binary(Payload::Owned(answered(&all)));
                    socket.write_frame(frame).await.unwrap();
                }
                (_, Some([0, 2])) => {
                    let update = Update::decode_v1(lib0::bytes(&mut rest).unwrap()).unwrap();
                    doc.transact_mut().apply_update(update).unwrap();
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_value_that_lies_too_deep_harms_no_other_row_and_ours_go_there() {
    let there = Doc::new();
    let mut peer = Replica::new("d");
    let theirs = peer.edit(&[note("theirs")]).unwrap();
    there.transact_mut().apply_update(Update::decode_v1(&theirs).unwrap()).unwrap();
    let rows = there.get_or_insert_map("tables:notes");
    let deep = (0..200).fold(Any::Null, |inner, _| Any::Array([inner].into()));
    rows.insert(&mut there.transact_mut(), "deep", deep);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("ws://{}/room", listener.local_addr().unwrap())).unwrap();
    let server = Server { url, framing: Framing::Websocket };
    let serving = tokio::spawn(keeping(listener, there.clone()));
    let folder = tempfile::tempdir().unwrap();
    let notes = Workspace::open(folder.path()).await.unwrap();
    notes.edit(vec![note("ours")]).await.unwrap();
    let synced = notes.sync_server(&server).await.unwrap();
    assert_eq!((synced.pulled, synced.pushed, synced.left.len()), (1, 1, 1));
    assert!(synced.left[0].why.contains("64 deep"), "{:?}", synced.left);
    assert_eq!(notes.snapshot().rows("notes").count(), 2);
    assert_eq!(rows.len(&there.transact()), 3);
    let again = notes.sync_server(&server).await.unwrap();
    assert_eq!((again.pulled, again.pushed, again.left.len()), (0, 0, 1));
    // Once it is gone there, nothing is left.
    rows.remove(&mut there.transact_mut(), "deep");
    let healed = notes.sync_server(&server).await.unwrap();
    assert_eq!((healed.left.len(), healed.is_waiting), (0, false));
    serving.abort();
}

#[tokio::test]
async fn what_a_server_says_that_is_no_update_is_named_and_nothing_of_ours_goes_there() {
    let says = vec![vec![255; 40], b"rubbish".to_vec(), Vec::new(), answered(b"rubbish")];
    let (synced, rows) = met(says).await;
    let not_read = matches!(synced, Err(WorkspaceError::Server(ServerError::NotRead(_))));
    assert!(not_read && !format!("{synced:?}").contains("hunter2"), "{synced:?}");
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_server_that_keeps_nothing_is_told_so() {
    // It holds nothing, and answers so whatever it is sent.
    let (synced, rows) = met(vec![answered(&[0, 0]); 3]).await;
    assert!(matches!(synced, Err(WorkspaceError::Server(ServerError::NotTaken))), "{synced:?}");
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_says_why() {
    let (synced, _) = met(vec![vec![2, 0, 2, b'n', b'o']]).await;
    let denied = ServerError::Denied("no".to_owned());
    assert!(matches!(synced, Err(WorkspaceError::Server(why)) if why == denied));
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("wss://{}/room", listener.local_addr().unwrap())).unwrap();
    let there = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    });
    let opened = Line::open(&Server { url, framing: Framing::Websocket }).await;
    assert!(matches!(opened.err(), Some(ServerError::Tls)));
    there.abort();
}

#[tokio::test]
async fn what_speaks_no_websocket_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("ws://{}/room", listener.local_addr().unwrap())).unwrap();
    let there = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        stream
    });
    let opened = Line::open(&Server { url, framing: Framing::Websocket }).await;
    assert!(matches!(opened.err(), Some(ServerError::Handshake)));
    there.abort();
}
