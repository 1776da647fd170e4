/**
 * x of a x = b for a square matrix (row-major), by elimination with partial pivoting; null where the matrix is singular. For small matrices.
 */
export function solveLinear(matrix: Float64Array, right: Float64Array): Float64Array | null {
  const n = right.length;
  const a = matrix.slice();
  const x = right.slice();
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column] as number) > Math.abs(a[pivot * n + column] as number)) pivot = row;
    }
    const largest = a[pivot * n + column] as number;
    if (largest === 0 || !Number.isFinite(largest)) return null;
    for (let k = 0; k < n; k++) {
      const kept = a[column * n + k] as number;
      a[column * n + k] = a[pivot * n + k] as number;
      a[pivot * n + k] = kept;
    }
    [x[column], x[pivot]] = [x[pivot] as number, x[column] as number];
    for (let row = column + 1; row < n; row++) {
      const factor = (a[row * n + column] as number) / largest;
      for (let k = column; k < n; k++) a[row * n + k] = (a[row * n + k] as number) - factor * (a[column * n + k] as number);
      x[row] = (x[row] as number) - factor * (x[column] as number);
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row] as number;
    for (let k = row + 1; k < n; k++) sum -= (a[row * n + k] as number) * (x[k] as number);
    x[row] = sum / (a[row * n + row] as number);
  }
  return x;
}
