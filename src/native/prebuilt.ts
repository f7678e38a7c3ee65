/** The package that holds the addon built for this platform. */
export function prebuiltName(): string {
  return `@whospeaks/${process.platform}-${process.arch}`;
}

/**
 * The prebuilt addon of this platform; `undefined` where none is made for it. Throws what `require` throws.
 * The names are written out, so that bundlers see them.
 */
export function requirePrebuilt(require: NodeJS.Require): unknown {
  switch (prebuiltName()) {
    case '@whospeaks/darwin-arm64':
      return require('@whospeaks/darwin-arm64');
    case '@whospeaks/linux-arm64':
      return require('@whospeaks/linux-arm64');
    case '@whospeaks/linux-x64':
      return require('@whospeaks/linux-x64');
    case '@whospeaks/win32-x64':
      return require('@whospeaks/win32-x64');
    default:
      return undefined;
  }
}
