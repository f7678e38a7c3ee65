/** Files that are dropped anywhere on the page; `target` shows that they may be. */
export function dropTarget(target: HTMLElement, onFiles: (files: readonly File[]) => void): void {
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;
  const show = (isOver: boolean): void => {
    if (isOver) target.dataset['over'] = '';
    else delete target.dataset['over'];
  };
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    // Else the browser would leave the page for the file.
    event.preventDefault();
    show(true);
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) show(false);
  });
  addEventListener('drop', (event) => {
    show(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    onFiles([...(event.dataTransfer?.files ?? [])]);
  });
}
