// ESLint rules for the app's scripts and their tests. Paths are relative to the folder in which eslint is called.

import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    rules: {
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      complexity: ["error", 15],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["app/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/scripts/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
