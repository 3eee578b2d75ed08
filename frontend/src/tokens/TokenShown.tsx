import type { ReactNode } from "react";

import { Command } from "../ui/Command.tsx";

interface TokenShownProps {
  readonly token: string;
  /** The address of this server: https://logs.example.com */
  readonly origin: string;
}

/** The token, and lines that are ready to use it. */
export function TokenShown({ token, origin }: TokenShownProps): ReactNode {
  const { hostname } = new URL(origin);
  return (
    <>
      <Command label="The token" text={token} />
      <h3 className="tokens-heading">To read with it</h3>
      <Command label="In a terminal" text={`export TAILWATER_TOKEN=${token}\ntailwater tail --last 10 --url ${origin}`} />
      <Command label="With curl" text={curl(token, origin)} />
      <h3 className="tokens-heading">To send</h3>
      <p className="soft">
        Sending takes no token: whoever reaches the syslog port may send. It is 5140, over TCP and UDP, unless the
        server was told otherwise, and on the loopback interface alone unless it was opened with <code>--tcp</code> and{" "}
        <code>--udp</code>.
      </p>
      <Command label="With tailwater" text={`tailwater send --to tcp://${hostname}:5140 app.log`} />
      <Command label="With rsyslog, in /etc/rsyslog.d/tailwater.conf" text={rsyslog(hostname)} />
    </>
  );
}

function curl(token: string, origin: string): string {
  return [
    `curl -s ${origin}/graphql -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${token}' \\`,
    `  -d '{"query":"{ logs(first: 10) { edges { node { timestamp message } } } }"}'`,
  ].join("\n");
}

/** What makes rsyslog send everything, with a queue on disk for when the server is away. */
function rsyslog(host: string): string {
  return [
    `*.* action(type="omfwd" target="${host}" port="5140" protocol="tcp"`,
    `           TCP_Framing="octet-counted" template="RSYSLOG_ForwardFormat"`,
    `           queue.type="LinkedList" queue.filename="tailwater" queue.maxDiskSpace="1g"`,
    `           queue.saveOnShutdown="on" action.resumeRetryCount="-1")`,
  ].join("\n");
}
