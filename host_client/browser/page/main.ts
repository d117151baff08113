// The board's own page.
import { startApp } from "../app/start.ts";
import { HttpLink } from "../links/http.ts";

const root = document.getElementById("app");
if (root) void startApp({ root, link: async () => new HttpLink(), medium: "wifi" });
