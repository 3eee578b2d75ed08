export { Explore } from "./Explore.tsx";
