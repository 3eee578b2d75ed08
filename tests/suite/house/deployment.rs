//! docker-compose.yml and `make up` start the same: the same roles, as many processes of each,
//! with the same variables, reached in the same ways.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

use super::{read, root};

/// What is started of one role.
#[derive(Debug, PartialEq, Eq)]
struct Role {
    processes: usize,
    /// What is reached from outside: `udp`, `tcp`, `http`.
    reached: BTreeSet<String>,
    /// The `TAILWATER_…` variables that are set.
    variables: BTreeSet<String>,
}

type Deployment = BTreeMap<String, Role>;

/// The part of a Compose file that is compared.
#[derive(Deserialize)]
struct Compose {
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    deploy: Deploy,
}

#[derive(Deserialize)]
struct Deploy {
    replicas: usize,
}

impl Default for Deploy {
    fn default() -> Self {
        Deploy { replicas: 1 }
    }
}

/// The roles of a Compose file: its services that get `TAILWATER_…` variables.
fn composed(yaml: &str) -> Deployment {
    let compose: Compose = serde_saphyr::from_str(yaml).expect("the Compose file is understood");
    let ours = |service: &Service| service.environment.keys().any(|key| is_ours(key));
    compose
        .services
        .into_values()
        .filter(ours)
        .map(|service| {
            let role = Role {
                processes: service.deploy.replicas,
                reached: service.ports.iter().map(|port| way_in(port, &service)).collect(),
                variables: service.environment.into_keys().filter(|key| is_ours(key)).collect(),
            };
            (service.command.join(" "), role)
        })
        .collect()
}

fn is_ours(variable: &str) -> bool {
    variable.starts_with("TAILWATER_")
}

/// Which listener a published port (`[address:]ports:port/protocol`) leads to.
fn way_in(published: &str, service: &Service) -> String {
    let (rest, protocol) = published.rsplit_once('/').expect("a port names its protocol");
    let (_, port) = rest.rsplit_once(':').expect("a port says where it is published");
    let listener = |name: &str| {
        let variable = format!("TAILWATER_{}", name.to_uppercase());
        service.environment.get(&variable).is_some_and(|to| to.ends_with(&format!(":{port}")))
    };
    let candidates: &[&str] = if protocol == "udp" { &["udp"] } else { &["tcp", "http"] };
    let found = candidates.iter().find(|name| listener(name));
    found.unwrap_or_else(|| panic!("nothing listens behind {published}")).to_string()
}

/// The roles that scripts/up starts, as it says itself.
fn planned(plan: &str) -> Deployment {
    plan.lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [role, processes, reached, variables] = words[..] else { panic!("{line}") };
            let list = |text: &str| text.split(',').map(String::from).collect::<BTreeSet<_>>();
            let role_of = Role {
                processes: processes.parse().expect("a number of processes"),
                reached: if reached == "-" { BTreeSet::new() } else { list(reached) },
                variables: list(variables),
            };
            (role.to_owned(), role_of)
        })
        .collect()
}

#[test]
fn compose_and_up_start_the_same() {
    let output = Command::new("bash")
        .args(["scripts/up", "--plan"])
        .current_dir(root())
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let up = planned(&String::from_utf8(output.stdout).expect("the plan is text"));
    let compose = composed(&read("docker-compose.yml"));
    assert_eq!(compose, up, "docker-compose.yml (left) and scripts/up (right) differ");
    assert_eq!(up.keys().collect::<Vec<_>>(), ["api", "ingest", "worker"]);
}

#[test]
fn compose_publishes_nothing_but_syslog_beyond_this_machine() {
    let compose: Compose = serde_saphyr::from_str(&read("docker-compose.yml"))
        .expect("the Compose file is understood");
    for (name, service) in &compose.services {
        for port in service.ports.iter().filter(|port| !port.starts_with("127.0.0.1:")) {
            assert!(name == "ingest" && port.starts_with("5140:"), "{name} publishes {port}");
        }
    }
}

/// The images that the files name: of the Dockerfile's stages, and of the servers.
fn images() -> Vec<String> {
    let stages = read("Dockerfile");
    let stages = stages.lines().filter_map(|line| line.strip_prefix("FROM "));
    let stages = stages.map(|from| from.split_whitespace().next().unwrap_or_default().to_owned());
    let servers = read("docker-compose.yml");
    let servers = servers.lines().filter_map(|line| line.trim().strip_prefix("image: "));
    stages.chain(servers.map(str::to_owned)).collect()
}

#[test]
fn every_image_of_others_says_its_version() {
    for image in images() {
        let version = image.split_once(':').map_or("", |(_, tag)| tag);
        let ours = ["scratch", "tailwater"].contains(&image.as_str());
        assert!(ours || version.starts_with(|c: char| c.is_ascii_digit()), "{image}");
    }
    assert_eq!(images().len(), 6);
}

#[test]
fn a_container_is_somebody_and_knows_how_it_is_without_a_tool_of_others() {
    let dockerfile = read("Dockerfile");
    let image = dockerfile.rsplit_once("FROM scratch").expect("the last stage").1;
    assert!(image.contains("\nUSER 10001:10001\n"), "{image}");
    assert!(image.contains("CMD [\"tailwater\", \"health\"]\n"), "{image}");
    assert!(read("docker-compose.yml").contains("test: [CMD, tailwater, health]\n"));
}

#[test]
fn a_difference_in_any_part_is_seen() {
    let yaml = r#"
services:
  ingest:
    command: [ingest]
    environment: { TAILWATER_TCP: "0.0.0.0:5140", OTHER: x }
    ports: ["5140:5140/tcp"]
    deploy: { replicas: 2 }
  nats:
    command: [-js]
"#;
    let compose = composed(yaml);
    assert_eq!(compose, planned("ingest 2 tcp TAILWATER_TCP"));
    assert_ne!(compose, planned("ingest 1 tcp TAILWATER_TCP"));
    assert_ne!(compose, planned("ingest 2 - TAILWATER_TCP"));
    assert_ne!(compose, planned("ingest 2 tcp TAILWATER_TCP,TAILWATER_UDP"));
    assert_ne!(compose, planned("worker 2 tcp TAILWATER_TCP"));
}
