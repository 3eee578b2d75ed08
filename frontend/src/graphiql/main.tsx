/** `/graphiql`: the schema to explore, for whoever is signed in. */
import { lazy, Suspense } from "react";

import { Header } from "./Header.tsx";
import { session } from "../session/index.ts";
import { SignedIn } from "../session/react.tsx";
import { start } from "../ui/start.tsx";
import "./page.css";

// The editors are by far the largest part: whoever has yet to sign in does not wait for them.
const Explorer = lazy(() => import("./Explorer.tsx"));

start(
  <SignedIn session={session}>
    {(user) => (
      <div className="page">
        <Header session={session} user={user} />
        <main className="explorer">
          <Suspense fallback={<p className="loading" role="status">Loading the editors…</p>}>
            <Explorer key={user.id} session={session} user={user} />
          </Suspense>
        </main>
      </div>
    )}
  </SignedIn>,
);
