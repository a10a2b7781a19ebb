import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'cache/', 'runs/', 'eslint.config.js', 'bundle.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Index arithmetic is checked by tests against references; `!` says that the index is in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers are what messages here are made of.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A node may do its work at once or later.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
)
