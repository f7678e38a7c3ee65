import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'build*/', 'node_modules/', '**/.venv/', 'coverage/', 'training/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Typed arrays are indexed inside bounds that the loop states; `!` says so without a branch.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      // `const { profile, ...told } = event` leaves a field out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    // A library does not print; it emits events and throws errors.
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/stream/geometry.ts',
      // Tables of file formats, statuses of HTTP, the height of a drawing, frames of another network: other things.
      'src/stream/file/{packets/adts,mp3-header}.ts',
      'src/server/{sockets/socket-server,sockets/stream-route,serve}.ts',
      'src/server/http/http-error.ts',
      'src/model/http.ts',
      'src/evaluate/plot/line-chart.ts',
      'src/clustering/settings.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          // A time in ms is no length in samples.
          selector: ':not(VariableDeclarator[id.name=/_MS$/]) > Literal[raw=/^(16_?000|16e3|400|160|148)$/]',
          message:
            "The front end's rates and lengths have one home: import them from src/stream/geometry.ts.",
        },
      ],
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
);
