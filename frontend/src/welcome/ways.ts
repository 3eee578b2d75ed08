/** The ways to send a first line, written for where this server is. */

/** A way, as lines to be copied. */
export interface Way {
  readonly label: string;
  readonly lines: string;
}

export const SENDERS = {
  shell: "Shell", rsyslog: "rsyslog", docker: "Docker", journald: "journald", python: "Python",
} as const;
export type Sender = keyof typeof SENDERS;

/** How a sender reaches the server at a host and a port. */
export function waysOf(sender: Sender, host: string, port: number): readonly Way[] {
  const at = `${bracketed(host)}:${port}`;
  switch (sender) {
    case "shell":
      return [
        { label: "One line", lines: `logger -n ${host} -P ${port} -d "hello from $(hostname)"` },
        {
          label: "A file, or what a command says",
          lines: [
            `tailwater send --to tcp://${at} app.log`,
            `./deploy.sh 2>&1 | tailwater send --to tcp://${at} --app deploy -`,
          ].join("\n"),
        },
        { label: "A thousand made-up lines, to look around", lines: `tailwater send --to udp://${at} --count 1000` },
      ];
    case "rsyslog":
      return [{
        label: "/etc/rsyslog.d/tailwater.conf; then: systemctl restart rsyslog",
        lines: [
          `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp"`,
          `           TCP_Framing="octet-counted" template="RSYSLOG_ForwardFormat"`,
          `           queue.type="LinkedList" queue.filename="tailwater" queue.maxDiskSpace="1g"`,
          `           queue.saveOnShutdown="on" action.resumeRetryCount="-1")`,
        ].join("\n"),
      }];
    case "docker":
      return [
        {
          label: "Its syslog driver",
          lines: [
            `docker run --log-driver syslog --log-opt syslog-address=tcp://${at} \\`,
            "    --log-opt syslog-format=rfc5424micro --log-opt tag='{{.Name}}' nginx",
          ].join("\n"),
        },
        { label: "Its GELF driver", lines: `docker run --log-driver gelf --log-opt gelf-address=udp://${at} nginx` },
      ];
    case "journald":
      return [{ label: "The journal, as it grows", lines: `journalctl -f -o json | tailwater send --to tcp://${at} -` }];
    case "python":
      return [{
        label: "logging, from the standard library",
        lines: [
          "import logging, logging.handlers",
          "",
          `handler = logging.handlers.SysLogHandler(address=("${host}", ${port}))`,
          `handler.setFormatter(logging.Formatter("%(name)s[%(process)d]: %(message)s"))`,
          `log = logging.getLogger("billing")`,
          "log.addHandler(handler)",
          `log.warning("invoice %s is late", 17)`,
        ].join("\n"),
      }];
  }
}

/** A host as an address has it: that of IPv6 stands in brackets. */
function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** Whether a host is this machine itself. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^127\./.test(host) || host === "::1" || host === "[::1]";
}

/** A host as an argument of a command, from how the browser's address has it. */
export function plainHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
