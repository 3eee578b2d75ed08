// A wire to a server in the hands of a test, which cuts it.

import { once } from 'node:events';
import net from 'node:net';

/** A TCP proxy in front of a port of loopback. */
export class Wire {
  #listener;
  #connections = new Set();

  static async to(port) {
    const wire = new Wire();
    wire.#listener = net.createServer((client) => wire.#join(client, net.connect(port, '127.0.0.1')));
    wire.#listener.listen(0, '127.0.0.1');
    await once(wire.#listener, 'listening');
    return wire;
  }

  #join(...ends) {
    const [client, server] = ends;
    for (const end of ends) {
      this.#connections.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#connections.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    client.pipe(server);
    server.pipe(client);
  }

  get port() {
    return this.#listener.address().port;
  }

  /** Ends every connection without a word. New ones are let through. */
  cut() {
    for (const connection of this.#connections) connection.resetAndDestroy();
  }

  /** Ends it with all its connections. */
  close() {
    this.#listener.close();
    this.cut();
  }
}
