import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: [".venv/", "build/"] },
  js.configs.recommended,
  {
    files: ["stringart/**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    rules: {
      eqeqeq: "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "max-lines": ["error", 720],
      "max-lines-per-function": ["error", 150],
      "max-params": ["error", 8],
    },
  },
];
