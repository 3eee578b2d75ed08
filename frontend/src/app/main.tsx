/** `/` and every path of the dashboard. */
import { App } from "./App.tsx";
import { routeAt } from "./routes.ts";
import { start } from "../ui/start.tsx";

// The page that was asked for is loaded while the session is taken up.
routeAt(window.location.pathname)?.page.load();
start(<App />);
