// Runs the tests of tests/dashboard against the stand-in.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serve } from "./server.mjs";

const { address, close } = await serve(0);
const folder = fileURLToPath(new URL("../../tests/dashboard/", import.meta.url));
const tests = spawn("npm", ["test"], {
  cwd: folder,
  env: { ...process.env, LOTLINE_URL: address },
  stdio: "inherit",
});
tests.on("exit", (code) => {
  close();
  process.exitCode = code ?? 1;
});
