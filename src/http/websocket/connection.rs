//! The conversation over one socket: who asks is found out first, then operations run, until one
//! of both ends it.

use std::convert::Infallible;

use async_graphql::Request as Operation;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures_util::FutureExt;
use tokio::time::{Instant, interval_at, timeout};

use super::close::Ending;
use super::message::{Incoming, Outgoing, next};
use super::operations::{Full, Operations, Step};
use crate::api::{Answer, ApiError, Code, TailwaterSchema};
use crate::auth::{AuthError, Caller, Peer};
use crate::http::authorize::{asker_without_cookies, bearer};
use crate::http::options::Patience;
use crate::http::sockets::{Sockets, UserPlace};

/// What a socket is served with.
pub(super) struct Host {
    pub schema: TailwaterSchema,
    /// The other side.
    pub peer: Peer,
    pub sockets: Sockets,
    pub patience: Patience,
    /// Operations at a time.
    pub most_operations: usize,
    /// In bytes.
    pub longest_message: usize,
}

impl Host {
    /// Finds out who asks, and takes a place for the socket among theirs.
    async fn authenticate(
        &self,
        authorization: Option<String>,
    ) -> Result<(Caller, UserPlace), Ending> {
        let token = authorization.as_deref().and_then(bearer).ok_or_else(|| {
            Ending::forbidden("connection_init needs {\"authorization\": \"Bearer …\"}")
        })?;
        let auth = self.schema.auth();
        let caller = auth.authenticate(token, self.peer.clone()).await.map_err(refused)?;
        let user = caller.user().ok_or_else(|| Ending::forbidden("this is no token of a user"))?;
        let place = self.sockets.enter_as(user.id).ok_or_else(|| {
            Ending::forbidden("too many of your sockets and streams are open; close one first")
        })?;
        Ok((caller, place))
    }
}

/// Executes operations until the client goes or may no longer, or until sockets are closed.
pub(super) async fn serve(socket: WebSocket, host: Host) {
    let closing = host.sockets.closing();
    let leave = host.patience.leave;
    let mut connection = Connection { socket, heard: Instant::now(), host };
    let ending = tokio::select! {
        biased;
        () = closing => Ending::stopping(),
        ending = connection.converse() => ending,
    };
    tracing::debug!(?ending, "a WebSocket ends");
    // A client that reads no more cannot be told, and one that has gone needs no goodbye.
    let _ = timeout(leave, connection.say_goodbye(ending)).await;
}

struct Connection {
    socket: WebSocket,
    /// When the client last said anything.
    heard: Instant,
    host: Host,
}

impl Connection {
    async fn converse(&mut self) -> Ending {
        let (caller, _place) = match self.greet().await {
            Ok(greeted) => greeted,
            Err(ending) => return ending,
        };
        tokio::select! {
            biased;
            ended = caller.ended() => Ending::ended(ended),
            Err(ending) = self.exchange(&caller) => ending,
        }
    }

    /// Waits for the first message, and finds out who asks.
    async fn greet(&mut self) -> Result<(Caller, UserPlace), Ending> {
        let (caller, place) = timeout(self.host.patience.init, self.wait_for_init())
            .await
            .map_err(|_| Ending::late())??;
        self.say(&Outgoing::ConnectionAck).await?;
        Ok((caller, place))
    }

    async fn wait_for_init(&mut self) -> Result<(Caller, UserPlace), Ending> {
        loop {
            match self.hear().await? {
                Incoming::Init { authorization } => {
                    return self.host.authenticate(authorization).await;
                }
                Incoming::Ping => self.say(&Outgoing::Pong).await?,
                Incoming::Pong | Incoming::Complete { .. } => {}
                Incoming::Subscribe { .. } => return Err(Ending::unauthorized()),
            }
        }
    }

    /// Runs operations and hands over their answers. Each goes on only when the last message has
    /// been taken by the socket, so what waits for a slow reader is one message.
    async fn exchange(&mut self, caller: &Caller) -> Result<Infallible, Ending> {
        let mut operations = Operations::new(self.host.most_operations);
        let heartbeat = self.host.patience.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + heartbeat, heartbeat);
        loop {
            tokio::select! {
                // What waits to be read is read before silence is found.
                biased;
                message = self.hear() => match message? {
                    Incoming::Init { .. } => return Err(Ending::repeated_init()),
                    Incoming::Ping => self.say(&Outgoing::Pong).await?,
                    Incoming::Pong => {}
                    Incoming::Complete { id } => operations.end(&id),
                    Incoming::Subscribe { id, operation } => {
                        self.begin(&mut operations, id, *operation, caller).await?;
                    }
                },
                (id, step) = operations.next() => {
                    // Operations end with their caller's authority; that is for the close to say.
                    if let Some(ended) = caller.ended().now_or_never() {
                        return Err(Ending::ended(ended));
                    }
                    self.hand_over(&mut operations, &id, step).await?;
                }
                _ = heartbeat.tick() => {
                    if self.heard.elapsed() > self.host.patience.silence {
                        return Err(Ending::silent());
                    }
                    self.send(Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    async fn begin(
        &mut self,
        operations: &mut Operations,
        id: String,
        operation: Operation,
        caller: &Caller,
    ) -> Result<(), Ending> {
        match operations.room_for(&id) {
            Ok(()) => {
                let asker = asker_without_cookies(caller.clone());
                operations.begin(id, self.host.schema.answers(operation, asker));
                Ok(())
            }
            Err(Full::Duplicate) => Err(Ending::duplicate(&id)),
            Err(Full::TooMany) => {
                let most = self.host.most_operations;
                let message = format!("no more than {most} operations run on a socket");
                let error = ApiError::new(Code::BadUserInput, message).into_server_error();
                self.say(&Outgoing::Error { id: &id, payload: &[error] }).await
            }
        }
    }

    async fn hand_over(
        &mut self,
        operations: &mut Operations,
        id: &str,
        step: Step,
    ) -> Result<(), Ending> {
        match step {
            Step::Answer(answer) if answer.is_refusal() => {
                operations.end(id);
                self.say(&Outgoing::Error { id, payload: &answer.response().errors }).await
            }
            Step::Answer(answer) => self.answer(id, &answer).await,
            Step::Over => {
                operations.end(id);
                self.say(&Outgoing::Complete { id }).await
            }
        }
    }

    async fn answer(&mut self, id: &str, answer: &Answer) -> Result<(), Ending> {
        self.send(Message::text(next(id, answer.text()))).await
    }

    async fn say(&mut self, message: &Outgoing<'_>) -> Result<(), Ending> {
        self.send(Message::text(message.to_text())).await
    }

    /// Resolves when the socket has taken the message: a reader that takes nothing holds us up
    /// here, until the connection fails for it.
    async fn send(&mut self, message: Message) -> Result<(), Ending> {
        self.socket.send(message).await.map_err(|_| Ending::Gone)
    }

    /// The next message of the protocol. Cancel-safe.
    async fn hear(&mut self) -> Result<Incoming, Ending> {
        loop {
            let message = self.socket.recv().await.ok_or(Ending::Gone)?;
            self.heard = Instant::now();
            match message {
                Ok(Message::Text(text)) => {
                    return Incoming::parse(text.as_str()).map_err(Ending::invalid);
                }
                Ok(Message::Binary(_)) => return Err(Ending::invalid("it is not text")),
                Ok(Message::Close(_)) => return Err(Ending::Gone),
                // Pings are answered for us.
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Err(_) => {
                    let longest = self.host.longest_message;
                    let why = format!("it cannot be read, or has more than {longest} bytes");
                    return Err(Ending::invalid(why));
                }
            }
        }
    }

    /// Closes the socket and waits for the client to close it too, so that it can read why.
    async fn say_goodbye(&mut self, ending: Ending) {
        if let Some(frame) = ending.frame()
            && self.socket.send(Message::Close(Some(frame))).await.is_err()
        {
            return;
        }
        while let Some(Ok(_)) = self.socket.recv().await {}
    }
}

/// Why who asks cannot be found out. What is our own failure goes to the log, not to the client.
fn refused(error: AuthError) -> Ending {
    let error = ApiError::from(error);
    match error.code {
        Code::Unavailable | Code::Timeout | Code::Internal => Ending::try_again(),
        _ => Ending::forbidden(error.message),
    }
}
