import { Suspense, type ReactNode } from "react";
import { Provider } from "urql";
import { Route, Switch } from "wouter";

import { NotFound } from "./NotFound.tsx";
import { PageFailed } from "./PageFailed.tsx";
import { routesOf } from "./routes.ts";
import { Shell } from "./Shell.tsx";
import { client } from "../graphql/client.ts";
import { session } from "../session/index.ts";
import { SignedIn } from "../session/react.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Toasts } from "../ui/Toasts.tsx";

/** The dashboard, for whoever is signed in. */
export function App(): ReactNode {
  return (
    <Provider value={client}>
      <SignedIn session={session}>
        {(user) => (
          <Shell session={session} user={user}>
            <Switch>
              {routesOf(user.role).map(({ path, page: { Component } }) => (
                <Route key={path} path={path}>
                  <PageFailed>
                    <Suspense fallback={<Spinner />}><Component /></Suspense>
                  </PageFailed>
                </Route>
              ))}
              <Route><NotFound /></Route>
            </Switch>
          </Shell>
        )}
      </SignedIn>
      <Toasts />
    </Provider>
  );
}
