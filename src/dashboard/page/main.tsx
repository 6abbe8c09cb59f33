/**
 * @file Puts the dashboard on the page.
 */
import { render } from "preact";
import { App } from "./app.js";
import "./style/base.css";
import "./style/frame.css";
import "./style/pages.css";
import "./style/table.css";

const place = document.getElementById("page");
if (place !== null) render(<App />, place);
