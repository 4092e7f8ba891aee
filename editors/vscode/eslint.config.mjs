import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["build/", "node_modules/"] },
    ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
    {
        files: ["**/*.ts"],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/explicit-function-return-type": "error",
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // node's test runner returns promises that nobody waits for
            "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", name: ["test", "suite"], package: "node:test" }] }],
            eqeqeq: "error",
            "no-console": "error",
        },
    },
);
