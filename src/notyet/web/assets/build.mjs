// Builds what the pages are drawn with into src/notyet/web/static/notyet: one style sheet with its fonts,
// one script, one sprite of the icons named in icons.txt. Run by `npm run build` and by the wheel's build hook.
import { context, build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const web = resolve(here, "..");
const root = resolve(here, "../../../..");
const out = join(web, "static/notyet");
const iconFolder = join(root, "node_modules/@tabler/icons/icons/outline");

async function sprite() {
  const symbols = [];
  for (const name of (await readFile(join(here, "icons.txt"), "utf8")).trim().split("\n")) {
    const svg = await readFile(join(iconFolder, `${name}.svg`), "utf8");
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*<path stroke="none"[^>]*\/>/, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner.trim().replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

const options = {
  entryPoints: { notyet: join(here, "notyet.css"), page: join(here, "page.js") },
  outdir: out,
  bundle: true,
  minify: true,
  target: ["es2020", "chrome100", "firefox100", "safari15"],
  loader: { ".woff2": "file" },
  assetNames: "[name]-[hash]",
  nodePaths: [join(root, "node_modules")],
  legalComments: "none",
  logLevel: "warning",
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await copyFile(join(here, "favicon.svg"), join(out, "favicon.svg"));
await sprite();
if (process.argv.includes("--watch")) await (await context(options)).watch();
else await build(options);
