import { useState, type ReactNode } from "react";

import { isLoopback, plainHost, SENDERS, waysOf, type Sender } from "./ways.ts";
import { Command } from "../ui/Command.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import "./Welcome.css";

interface WelcomeProps {
  /** Whether the first record has come. */
  readonly arrived: boolean;
  /** Where this server is; that of the page unless it is given. */
  readonly host?: string;
}

/** Where it listens unless it was told otherwise. */
const PORT = 5140;

/** In the place of the log while there is none: how to send the first line, and a light that goes on when it comes. */
export function Welcome({ arrived, host = window.location.hostname }: WelcomeProps): ReactNode {
  const [sender, setSender] = useState<Sender>("shell");
  const [typed, setTyped] = useState(String(PORT));
  const port = isPort(typed) ? Number(typed) : PORT;
  return (
    <section className="welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">Send the first line</h2>
      <p>
        Tailwater takes syslog (RFC 5424 and 3164), GELF, JSON and plain text on one port, over TCP and UDP, and tells
        them apart by itself.
      </p>
      <p className={arrived ? "welcome-light welcome-arrived" : "welcome-light"} role="status">
        {arrived ? <Icon name="check" /> : <span className="welcome-waits" aria-hidden />}
        {arrived ? "The first line is here." : "Waiting for the first line…"}
      </p>
      <div className="welcome-port">
        <label htmlFor="welcome-port">Port</label>
        <input
          id="welcome-port" inputMode="numeric" autoComplete="off" maxLength={5} aria-describedby="welcome-port-hint"
          aria-invalid={!isPort(typed)} value={typed} onChange={({ target }) => setTyped(target.value)}
        />
        <span className="soft" id="welcome-port-hint">{PORT} unless the server was started with another</span>
      </div>
      <Tabs label="What sends" value={sender} onChange={setSender} tabs={SENDERS}>
        {waysOf(sender, plainHost(host), port).map(({ label, lines }) => <Command key={label} label={label} text={lines} />)}
      </Tabs>
      <p className="soft">
        {isLoopback(host) ? "For other machines: " : "Does nothing come? "}
        The server listens on the loopback interface alone until it is started with{" "}
        <code>--udp 0.0.0.0:{port} --tcp 0.0.0.0:{port}</code>.
      </p>
    </section>
  );
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
