/** `-0.617 ± 0.021`, in kcal/mol: nobody needs more decimals, and columns are read best when all have the same. */
export function withUncertainty(value: number, uncertainty: number | null): string {
  return `${value.toFixed(3)} ± ${uncertainty === null ? "?" : uncertainty.toFixed(3)}`;
}
