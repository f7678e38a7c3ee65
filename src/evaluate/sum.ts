/** Each number summed over the items; one or more of them. */
export function sumOf<Item extends { readonly [Key in keyof Item]: number }>(items: readonly Item[]): Item {
  return items.reduce((sum, item) => {
    const next = { ...sum };
    for (const key of Object.keys(item) as (keyof Item)[])
      next[key] = (sum[key] + item[key]) as Item[keyof Item];
    return next;
  });
}
