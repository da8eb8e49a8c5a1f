import { entries } from './entries.mjs'

/** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
// biome-ignore lint/style/noDefaultExport: TypeDoc reads it
export default {
  // its schemas, written out, would be longer than the specification: they have a page of their own
  entryPoints: [...entries()].filter(([, name]) => name !== '@bao-mcp/protocol').map(([file]) => file),
  tsconfig: './tsconfig.json',
  basePath: '..',
  plugin: ['typedoc-plugin-markdown', './typedoc-names.mjs'],
  disableGit: true,
  disableSources: true,
  // the types are checked elsewhere, by the compiler that the packages are built with
  skipErrorChecking: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  readme: 'none',
  sort: ['alphabetical'],
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
  outputFileStrategy: 'modules',
  flattenOutputFiles: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  expandObjects: false,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationVisibility: 'compact',
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
  },
}
