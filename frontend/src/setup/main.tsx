/** `/setup?token=…`: whoever has the link that the server printed makes the first user. */
import { SetUp } from "./SetUp.tsx";
import { takeToken } from "./token.ts";
import { start } from "../ui/start.tsx";

start(<SetUp token={takeToken()} />);
