/**
 * @file Builds the dashboard's page into `dist/dashboard-page`, which the package brings
 * along: nobody builds at the user's. Every asset is a file of its own (the page's policy
 * allows no inline script or style) and is named by its content, so that it may be cached
 * for good; addresses are relative.
 */
import { defineConfig } from "vite";

export default defineConfig({
  root: "src/dashboard/page",
  base: "./",
  build: {
    outDir: "../../../dist/dashboard-page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
