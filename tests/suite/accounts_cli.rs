//! `tailwater user`, `token`, `login` and `logout`: accounts and sign-ins from a terminal, while a
//! server runs.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;
use crate::support::visitor::Visitor;

const PASSWORD: &str = "as long as it has to be";

/// Somebody at a shell of their own: a home without sign-ins, and no variables of ours.
struct Shell {
    home: tempfile::TempDir,
    database_url: String,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Shell {
    fn on(pair: &Pair) -> Shell {
        let home = tempfile::tempdir().expect("a directory");
        Shell { home, database_url: pair.database_url.clone() }
    }

    /// Runs a command with this on its stdin.
    fn type_in(&self, input: &str, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tailwater"));
        command.args(arguments).current_dir(self.home.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAILWATER_")) {
            command.env_remove(name);
        }
        command.env_remove("XDG_CONFIG_HOME").env("HOME", self.home.path());
        command.env("TAILWATER_DATABASE_URL", &self.database_url);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the tailwater binary starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // One that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.type_in("", arguments)
    }

    /// Runs a command that does what it should; what it said.
    #[track_caller]
    fn does(&self, input: &str, arguments: &[&str]) -> String {
        let ended = self.type_in(input, arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended.stdout
    }

    /// Runs a command that fails with this code; what it said about it.
    #[track_caller]
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "");
        ended.stderr
    }

    fn add_user(&self, username: &str, role: &str) {
        self.does(PASSWORD, &["user", "add", username, "--role", role]);
    }

    fn users(&self) -> Vec<Value> {
        let json = self.does("", &["user", "list", "--json"]);
        json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn kept_logins(&self) -> PathBuf {
        self.home.path().join(".config/tailwater/login.json")
    }
}

fn url(server: &Server) -> String {
    format!("http://{}", server.http)
}

/// Waits until a visitor's token is worth nothing.
async fn is_thrown_out(server: &Server, visitor: &Visitor) {
    server
        .eventually("the session is over", async || {
            match visitor.code("{ me { id } }", json!({})).await.as_str() {
                "UNAUTHENTICATED" => Ok(()),
                other => Err(other.to_owned()),
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_heeds_what_is_done_to_users() {
    for pair in [Pair::memory_sqlite().await, Pair::memory_postgres().await] {
        let server = pair.role("serve").start().await;
        let shell = Shell::on(&pair);
        let said = shell.does(
            &format!("{PASSWORD}\n"),
            &["user", "add", "Ada", "--role", "member", "--display-name", "Ada L."],
        );
        assert_eq!(said, "ada may sign in, as member\n");
        let anybody = Visitor::new(server.http);
        let ada = anybody.sign_in("ada", PASSWORD).await.expect("she signs in");

        assert_eq!(shell.does("", &["user", "set-role", "ada", "viewer"]), "ada is viewer now\n");
        is_thrown_out(&server, &ada).await;
        let ada = anybody.sign_in("ada", PASSWORD).await.expect("she signs in");
        let me = ada.query("{ me { role displayName } }", json!({})).await;
        assert_eq!(me["me"], json!({ "role": "VIEWER", "displayName": "Ada L." }));

        shell.does("", &["user", "disable", "ada"]);
        is_thrown_out(&server, &ada).await;
        anybody.sign_in("ada", PASSWORD).await.expect_err("she is disabled");

        shell.does("", &["user", "enable", "ada"]);
        let ada = anybody.sign_in("ada", PASSWORD).await.expect("she signs in again");
        shell.does("another good one\n", &["user", "passwd", "ada"]);
        is_thrown_out(&server, &ada).await;
        let ada = anybody.sign_in("ada", "another good one").await.expect("by the new password");

        let users = shell.users();
        let names: Vec<_> = users.iter().map(|user| &user["username"]).collect();
        assert_eq!(names, ["ada", "admin"]);
        assert!(users[0]["lastSignIn"].is_string() && users[0]["scope"].is_null(), "{users:?}");
        let table = shell.does("", &["user", "list"]);
        assert!(table.starts_with("USERNAME  ROLE    STATE"), "{table}");
        assert!(table.contains("\nada       viewer  active"), "{table}");

        assert_eq!(shell.does("", &["user", "remove", "ada"]), "ada is removed\n");
        is_thrown_out(&server, &ada).await;
        assert_eq!(shell.users().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_at_the_command_line_is_in_the_audit_log() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let shell = Shell::on(&pair);
    shell.add_user("ada", "viewer");
    shell.fails(1, &["user", "remove", "grace"]);
    let admin = server.admin().await;
    let audit = "{ audit(first: 10) { edges { node { actor action target address outcome } } } }";
    let answer = admin.query(audit, json!({})).await;
    let acts: Vec<&Value> = answer["audit"]["edges"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|edge| &edge["node"])
        .filter(|act| act["actor"] == "command line")
        .collect();
    let act = |action, target, outcome| {
        json!({
            "actor": "command line", "action": action, "target": target, "address": null,
            "outcome": outcome,
        })
    };
    let expected = [act("user remove", "grace", "NOT_FOUND"), act("user add", "ada", "OK")];
    assert!(acts.into_iter().eq(&expected), "{answer}");
}

#[tokio::test]
async fn what_cannot_be_done_to_users_is_named() {
    let pair = Pair::memory_sqlite().await;
    let shell = Shell::on(&pair);
    // No server has ever run here.
    shell.add_user("root", "admin");
    for verb in ["disable", "remove"] {
        assert!(shell.fails(1, &["user", verb, "root"]).contains("the last active admin"));
    }
    assert!(shell.fails(1, &["user", "set-role", "root", "member"]).contains("the last active"));
    let said = shell.fails(1, &["user", "enable", "nobody"]);
    assert_eq!(said, "tailwater: there is no user nobody\n");
    assert!(shell.fails(1, &["user", "add", "ROOT", "--role", "viewer"]).contains("is taken"));
    let short = shell.type_in("short\n", &["user", "add", "ada", "--role", "viewer"]);
    assert_eq!(short.code, Some(1));
    assert!(short.stderr.contains("8 to 256 characters"), "{short:?}");
    let nothing = shell.fails(1, &["user", "add", "ada", "--role", "viewer"]);
    assert!(nothing.contains("no password"), "{nothing}");
    for wrong in [
        &["user", "add", "a b", "--role", "viewer"][..],
        &["user", "add", "ada"],
        &["user", "add", "ada", "--role", "root"],
        &["user", "add", "ada", "--role", "viewer", "--scope", "severity>=loud"],
        &["user", "add", "ada", "--role", "viewer", "--password", PASSWORD],
        &["user", "set-role", "root"],
        &["user"],
        &["token", "create", "x", "--user", "root", "--scope", "everything"],
    ] {
        shell.fails(2, wrong);
    }
    assert_eq!(shell.users().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_in_the_search_language_holds() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let shell = Shell::on(&pair);
    let add = ["user", "add", "shop", "--role", "viewer", "--scope", "app:\"shop\""];
    shell.does(PASSWORD, &add);
    let lines = ["shop", "bank"].map(|app| format!("<13>1 - web-1 {app} - - - of {app}"));
    send_tcp(server.tcp.expect("it listens"), lines);
    server.wait_balanced(2).await;
    let visitor = Visitor::new(server.http).sign_in("shop", PASSWORD).await.expect("signed in");
    let logs = visitor.query("{ logs { edges { node { message } } } }", json!({})).await;
    assert_eq!(logs["logs"]["edges"], json!([{ "node": { "message": "of shop" } }]));
    assert_eq!(shell.users()[1]["scope"], json!({ "query": "app:\"shop\"" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_printed_alone_and_is_good_until_it_is_taken_back() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let shell = Shell::on(&pair);
    send_tcp(server.tcp.expect("it listens"), ["hello".to_owned()]);
    server.wait_balanced(1).await;
    shell.add_user("ada", "member");
    shell.add_user("eve", "viewer");
    let said = shell.fails(1, &["token", "create", "x", "--user", "eve"]);
    assert!(said.contains("tokens are for members and admins"), "{said}");

    let create = ["token", "create", "grafana", "--user", "ada", "--expires-in", "90d"];
    let token = shell.does("", &create);
    let token = token.strip_suffix('\n').expect("one line");
    let search = ["search", "--url", &url(&server), "--token", token];
    assert!(shell.does("", &search).contains("hello"));

    let listed: Value =
        serde_json::from_str(&shell.does("", &["token", "list", "--json"])).unwrap();
    let prefix = listed["prefix"].as_str().expect("a prefix");
    assert!(token.starts_with(prefix) && token.len() > prefix.len() + 20);
    assert_eq!((&listed["owner"], &listed["scope"]), (&json!("ada"), &json!("read")));
    assert!(!shell.does("", &["token", "list"]).contains(token));

    shell.does("", &["token", "revoke", prefix]);
    server
        .eventually("the token is worth nothing", async || match shell.run(&search).code {
            Some(1) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    assert!(shell.fails(1, &search).contains("does not take this token"));
    assert!(shell.fails(1, &["token", "revoke", prefix]).contains("there is no token tw_"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_is_kept_for_the_commands_after_it() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let shell = Shell::on(&pair);
    let url = url(&server);
    send_tcp(server.tcp.expect("it listens"), ["hello".to_owned()]);
    server.wait_balanced(1).await;
    shell.add_user("ada", "viewer");

    let said = shell.fails(1, &["search", "--url", &url]);
    assert!(said.contains(&format!("sign in first, with `tailwater login --url {url}`")), "{said}");
    let login = ["login", "--url", &url, "--username", "ada"];
    let wrong = shell.type_in("not the password\n", &login);
    assert_eq!(
        (wrong.code, wrong.stderr.as_str()),
        (Some(1), "tailwater: wrong username or password\n")
    );
    assert!(!shell.kept_logins().exists());

    assert_eq!(shell.does(PASSWORD, &login), format!("signed in to {url} as ada (VIEWER)\n"));
    let kept = std::fs::read_to_string(shell.kept_logins()).expect("it is kept");
    assert!(!kept.contains(PASSWORD));
    let mode = std::fs::metadata(shell.kept_logins()).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The server is known from the login; and processes at once do not spoil each other's token.
    std::thread::scope(|scope| {
        let searches: Vec<_> =
            (0..6).map(|_| scope.spawn(|| shell.does("", &["search"]))).collect();
        for search in searches {
            assert!(search.join().expect("it found it").contains("hello"));
        }
    });
    assert!(shell.does("", &["tail", "--last", "1", "--count", "1"]).contains("hello"));

    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(shell.kept_logins()).unwrap()).unwrap();
    assert_eq!(shell.does("", &["logout"]), format!("signed out of {url}\n"));
    assert!(shell.fails(1, &["search", "--url", &url]).contains("sign in first"));
    assert!(shell.fails(1, &["logout"]).contains("nobody is signed in"));
    let refresh = "mutation ($token: String!) { refresh(token: $token) { accessToken } }";
    let token = json!({ "token": kept[0]["refreshToken"] });
    assert_eq!(Visitor::new(server.http).code(refresh, token).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_was_ended_says_how_to_sign_in_again() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let shell = Shell::on(&pair);
    let url = url(&server);
    shell.add_user("ada", "viewer");
    shell.does(PASSWORD, &["login", "--url", &url, "--username", "ada"]);
    shell.does("another good one", &["user", "passwd", "ada"]);
    let said = shell.fails(1, &["search"]);
    assert!(said.contains("the sign-in of ada is over"), "{said}");
    assert!(said.contains(&format!("`tailwater login --url {url}`")), "{said}");
}
