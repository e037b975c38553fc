//! What the agent says, line by line. What is no JSON, and what is asked before the handshake, is answered as the protocol
//! has it: the SDK passes over the one and ends at the other, and an agent would wait for ever.

use std::collections::HashSet;
use std::io;

use rmcp::model::{ClientRequest, ErrorData, GetMeta, JsonRpcMessage, ProtocolVersion, RequestId};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::said::Said;
use super::streams::Streams;

/// Longer lines are handed on as they are.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Methods whose params are not any, and what they are.
const METHODS: [(&str, &str); 2] = [
    ("tools/call", "`params` of tools/call is an object with `name`, a string, and `arguments`, an object"),
    ("tools/list", "`params` of tools/list is an object, whose `cursor` is a string"),
];
/// Bytes, and lines that are no JSON, that wait to be read.
const BYTES_WAITING: usize = 64 << 10;
const BROKEN_WAITING: usize = 16;

/// The conversation's two ends.
pub struct Heard {
    inner: AsyncRwTransport<RoleServer, DuplexStream, Said<File>>,
    /// One for each line that is no JSON, or a question that nobody can answer.
    broken: mpsc::Receiver<Odd>,
    /// Hands were shaken, or need not be.
    has_begun: bool,
    /// What is asked, and not answered yet.
    open: HashSet<RequestId>,
    /// A refusal on its way. The SDK lets go of [`Transport::receive`] whenever something else is to be done: what is being
    /// said then must go on, or who asked would wait for ever.
    refusing: Option<JoinHandle<io::Result<()>>>,
}

impl Heard {
    /// Listens. Must be called within the runtime.
    pub fn on(streams: Streams) -> Heard {
        let Streams { input, output } = streams;
        let (to, from) = duplex(BYTES_WAITING);
        let (tell, broken) = mpsc::channel(BROKEN_WAITING);
        // It ends with the input, or when nobody reads on.
        tokio::spawn(async move { drop(pass_on(input, to, tell).await) });
        Heard {
            inner: AsyncRwTransport::new_server(from, Said::on(output)),
            broken,
            has_begun: false,
            open: HashSet::new(),
            refusing: None,
        }
    }
}

/// Whether something was said that nothing comes of: before the handshake, or never.
enum Verdict {
    Fine,
    /// It is no question.
    Unanswered,
    Refused(Box<TxJsonRpcMessage<RoleServer>>),
}

impl Heard {
    fn judge(&mut self, message: &RxJsonRpcMessage<RoleServer>) -> Verdict {
        let JsonRpcMessage::Request(asked) = message else {
            return if self.has_begun { Verdict::Fine } else { Verdict::Unanswered };
        };
        let refuse = |error| {
            Verdict::Refused(Box::new(TxJsonRpcMessage::<RoleServer>::error(error, Some(asked.id.clone()))))
        };
        if self.open.contains(&asked.id) {
            return refuse(ErrorData::invalid_request("a question with this id is not answered yet", None));
        }
        if self.has_begun {
            // What is known by its method, and is none by its params, the SDK takes for a method that nobody knows.
            let odd = match &asked.request {
                ClientRequest::CustomRequest(odd) => METHODS.iter().find(|(method, _)| *method == odd.method),
                _ => None,
            };
            if let Some((_, why)) = odd {
                return refuse(ErrorData::invalid_params(*why, None));
            }
            self.open.insert(asked.id.clone());
            return Verdict::Fine;
        }
        let why = match &asked.request {
            ClientRequest::InitializeRequest(_) => {
                self.has_begun = true;
                return Verdict::Fine;
            }
            ClientRequest::PingRequest(_) => return Verdict::Fine,
            ClientRequest::CustomRequest(odd) if odd.method == "initialize" => {
                "initialize needs `params` with protocolVersion, capabilities and clientInfo"
            }
            // In newer versions of the protocol each request brings along what hands were shaken for.
            request
                if request.get_meta().missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty() =>
            {
                self.has_begun = true;
                return Verdict::Fine;
            }
            _ => "before anything but `ping` comes `initialize`",
        };
        refuse(ErrorData::invalid_request(why, None))
    }
}

/// Hands on what is said, but for lines that are no JSON, which are told of.
async fn pass_on(input: File, mut to: DuplexStream, tell: mpsc::Sender<Odd>) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let (mut line, mut goes_on) = (Vec::new(), false);
    loop {
        line.clear();
        let read = (&mut input).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let is_part = goes_on || read == LINE_BYTES_MAX;
        goes_on = is_part && !line.ends_with(b"\n");
        let odd = if is_part { None } else { oddness(&line) };
        match odd {
            None => to.write_all(&line).await?,
            Some(odd) => {
                if tell.send(odd).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// What of a question tells whether it can be answered.
#[derive(Deserialize)]
struct Asked {
    method: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    params: Option<Value>,
}

/// What is there, also where it is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Why nothing comes of a line.
#[derive(Debug, PartialEq)]
enum Odd {
    /// It is no JSON.
    Json,
    /// It asks by an id that no answer can bear.
    Id,
    /// What it asks with is no object, as the protocol has it for every method: the SDK would not say whose question it was.
    Params(RequestId),
}

fn oddness(line: &[u8]) -> Option<Odd> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return None;
    }
    if serde_json::from_slice::<IgnoredAny>(line).is_err() {
        return Some(Odd::Json);
    }
    let asked: Asked = serde_json::from_slice(line).ok()?;
    asked.method?;
    let id = asked.id?;
    if !id.is_string() && id.as_i64().is_none() {
        return Some(Odd::Id);
    }
    let id = serde_json::from_value(id).ok()?;
    asked.params.is_some_and(|params| !params.is_object()).then_some(Odd::Params(id))
}

impl Odd {
    /// The answer; where nobody knows which question it was to be, to none.
    fn refusal(self) -> TxJsonRpcMessage<RoleServer> {
        let (error, id) = match self {
            Odd::Json => (ErrorData::parse_error("this line is no JSON", None), None),
            Odd::Id => {
                (ErrorData::invalid_request("the id of a question is a string or a whole number", None), None)
            }
            Odd::Params(id) => (ErrorData::invalid_params("`params` is an object", None), Some(id)),
        };
        TxJsonRpcMessage::<RoleServer>::error(error, id)
    }
}

impl Transport<RoleServer> for Heard {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        match &item {
            JsonRpcMessage::Response(answer) => drop(self.open.remove(&answer.id)),
            JsonRpcMessage::Error(error) => drop(error.id.as_ref().map(|id| self.open.remove(id))),
            _ => {}
        }
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                let said = refusing.await;
                self.refusing = None;
                said.ok()?.ok()?;
            }
            let refusal = tokio::select! {
                biased;
                Some(odd) = self.broken.recv() => odd.refusal(),
                message = self.inner.receive() => {
                    let message = message?;
                    match self.judge(&message) {
                        Verdict::Fine => return Some(message),
                        Verdict::Unanswered => continue,
                        Verdict::Refused(refusal) => *refusal,
                    }
                }
            };
            self.refusing = Some(tokio::spawn(self.inner.send(refusal)));
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.inner.close().await
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, Read, Write, pipe};
    use std::time::Duration;

    use super::*;

    /// The SDK lets go of `receive` while a refusal waits for its turn to be said.
    #[tokio::test]
    async fn a_refusal_is_said_although_nobody_listens_meanwhile() {
        let file = |end: std::os::fd::OwnedFd| File::from_std(std::fs::File::from(end));
        let (from_agent, mut agent) = pipe().unwrap();
        let (mut answers, to_agent) = pipe().unwrap();
        let mut full = to_agent.try_clone().unwrap();
        let mut heard = Heard::on(Streams { input: file(from_agent.into()), output: file(to_agent.into()) });
        // Something long is being said, until the agent reads on.
        let long = "x".repeat(1 << 20);
        let error = ErrorData::internal_error(long, None);
        let saying = tokio::spawn(heard.send(TxJsonRpcMessage::<RoleServer>::error(error, None)));
        let mut first = [0];
        let (first, mut answers) = tokio::task::spawn_blocking(move || {
            answers.read_exact(&mut first).unwrap();
            (first, answers)
        })
        .await
        .unwrap();
        assert_eq!(&first, b"{");
        agent.write_all(b"no JSON\n").unwrap();
        let listened = tokio::time::timeout(Duration::from_millis(300), heard.receive()).await;
        assert!(listened.is_err(), "nothing was asked");
        let read = tokio::task::spawn_blocking(move || {
            let mut lines = io::BufReader::new(&mut answers).lines();
            (lines.next().unwrap().unwrap().len(), lines.next().unwrap().unwrap())
        });
        saying.await.unwrap().unwrap();
        // Whoever waits for what is not said would wait for ever: this line is said in its place.
        let later = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(full.write_all(b"nothing was said\n"));
        };
        let second = tokio::select! {
            read = read => read.unwrap().1,
            () = later => panic!("nothing was said"),
        };
        assert!(second.contains("-32700"), "{second}");
    }

    #[test]
    fn what_is_no_json_is_told_from_what_says_nothing() {
        for line in ["{}", " [1]\r\n", "\n", "", "\u{feff}{\"a\": 1}\n", "3"] {
            assert_eq!(oddness(line.as_bytes()), None, "{line:?}");
        }
        for line in ["nonsense\n", "{", "{}{}", "\u{1b}[31m", "{'a': 1}"] {
            assert_eq!(oddness(line.as_bytes()), Some(Odd::Json), "{line:?}");
        }
        let asked = |id: &str| oddness(format!("{{\"method\":\"ping\"{id}}}\n").as_bytes());
        for id in ["", ",\"id\":1", ",\"id\":-1", ",\"id\":\"a\""] {
            assert_eq!(asked(id), None, "{id}");
        }
        for id in ["1.5", "null", "true", "{}", "[1]"] {
            assert_eq!(asked(&format!(",\"id\":{id}")), Some(Odd::Id), "{id}");
        }
        for (params, is_odd) in
            [("{}", false), ("{\"a\":[1]}", false), ("null", false), ("[]", true), ("5", true)]
        {
            let odd = is_odd.then_some(Odd::Params(RequestId::Number(1)));
            assert_eq!(asked(&format!(",\"id\":1,\"params\":{params}")), odd, "{params}");
            assert_eq!(
                asked(&format!(",\"params\":{params}")),
                None,
                "what is told is not answered: {params}"
            );
        }
        // What answers us bears the id that we gave it.
        assert_eq!(oddness(b"{\"id\":null,\"error\":{}}"), None);
    }
}
