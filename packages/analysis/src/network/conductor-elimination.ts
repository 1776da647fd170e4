/** A weighted edge between two nodes by index; the weight is a precision 1/σ², above 0. */
export interface Conductor {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
}

/**
 * A connected graph of conductors reduced to its root, one node after another, and what that gives: the solution of F f = z with
 * f(root) = 0, and the inverse of F without the root's row and column. F is the graph's weighted Laplacian.
 *
 * Removing a node joins its neighbours a, b with w_a w_b / Σw (the star-mesh transform of circuits), which is symmetric Gaussian
 * elimination written so that only positive numbers are added, multiplied and divided: nothing cancels, and every entry of the factors
 * and of the inverse keeps its digits however far the weights are apart (Grassmann, Taksar, Heyman, Oper. Res. 33, 1107, 1985). A Cholesky
 * factorisation subtracts, and a pseudo-inverse by eigenvalues loses small entries beside large ones. Nodes of least degree go first,
 * so that sparse networks stay sparse.
 */
export class ConductorElimination {
  readonly #root: number;
  /** Nodes as they were removed. */
  readonly #order: Int32Array;
  /** Sum of the weights at the node when it was removed, by place in the order. */
  readonly #pivots: Float64Array;
  /** Neighbours when it was removed, and the share of each in the pivot: from `starts[place]` to `starts[place + 1]`. */
  readonly #starts: Int32Array;
  readonly #neighbours: Int32Array;
  readonly #shares: Float64Array;

  /** @param count nodes; the graph must connect all of them */
  constructor(count: number, conductors: Iterable<Conductor>, root: number) {
    const weights = new Float64Array(count * count);
    const degrees = new Int32Array(count);
    const join = (a: number, b: number, weight: number): void => {
      const at = a * count + b;
      if (weights[at] === 0) degrees[a] = (degrees[a] as number) + 1;
      weights[at] = (weights[at] as number) + weight;
    };
    for (const { a, b, weight } of conductors) {
      join(a, b, weight);
      join(b, a, weight);
    }
    const order: number[] = [];
    const pivots: number[] = [];
    const starts: number[] = [0];
    const neighbours: number[] = [];
    const shares: number[] = [];
    const left = Array.from({ length: count }, (_, node) => node).filter((node) => node !== root);
    const own = new Int32Array(count);
    while (left.length > 0) {
      const node = takeLeastDegree(left, degrees);
      const row = weights.subarray(node * count, (node + 1) * count);
      let pivot = 0;
      let degree = 0;
      for (let other = 0; other < count; other += 1) {
        const weight = row[other] as number;
        if (weight === 0) continue;
        own[degree] = other;
        degree += 1;
        pivot += weight;
      }
      order.push(node);
      pivots.push(pivot);
      for (let i = 0; i < degree; i += 1) {
        const a = own[i] as number;
        const share = (row[a] as number) / pivot;
        neighbours.push(a);
        shares.push(share);
        const rowA = weights.subarray(a * count, (a + 1) * count);
        let added = -1;
        for (let j = 0; j < degree; j += 1) {
          if (j === i) continue;
          const b = own[j] as number;
          const before = rowA[b] as number;
          if (before === 0) added += 1;
          rowA[b] = before + share * (row[b] as number);
        }
        rowA[node] = 0;
        degrees[a] = (degrees[a] as number) + added;
      }
      starts.push(neighbours.length);
    }
    this.#root = root;
    this.#order = Int32Array.from(order);
    this.#pivots = Float64Array.from(pivots);
    this.#starts = Int32Array.from(starts);
    this.#neighbours = Int32Array.from(neighbours);
    this.#shares = Float64Array.from(shares);
  }

  /** f of F f = z with f(root) = 0; what z has at the root is not used. */
  solve(z: ArrayLike<number>): Float64Array {
    const current = Float64Array.from(z);
    for (const [place, node] of this.#order.entries()) {
      const own = current[node] as number;
      for (let at = this.#starts[place] as number; at < (this.#starts[place + 1] as number); at += 1) {
        const neighbour = this.#neighbours[at] as number;
        current[neighbour] = (current[neighbour] as number) + own * (this.#shares[at] as number);
      }
    }
    current[this.#root] = 0;
    for (let place = this.#order.length - 1; place >= 0; place -= 1) {
      const node = this.#order[place] as number;
      let sum = (current[node] as number) / (this.#pivots[place] as number);
      for (let at = this.#starts[place] as number; at < (this.#starts[place + 1] as number); at += 1) {
        sum += (this.#shares[at] as number) * (current[this.#neighbours[at] as number] as number);
      }
      current[node] = sum;
    }
    return current;
  }

  /** The inverse, row after row, with zeros for the root. */
  inverse(): Float64Array {
    const count = this.#order.length + 1;
    // Rows and columns from the root outwards: each needs only those before it, and inner loops run along rows.
    const place = new Int32Array(count);
    for (const [removed, node] of this.#order.entries()) place[node] = count - 1 - removed;
    const inner = new Float64Array(count * count);
    for (let own = 1; own < count; own += 1) {
      const removed = count - 1 - own;
      const row = inner.subarray(own * count, own * count + own);
      let diagonal = 1 / (this.#pivots[removed] as number);
      for (let at = this.#starts[removed] as number; at < (this.#starts[removed + 1] as number); at += 1) {
        const share = this.#shares[at] as number;
        const other = (place[this.#neighbours[at] as number] as number) * count;
        for (let column = 0; column < own; column += 1) {
          row[column] = (row[column] as number) + share * (inner[other + column] as number);
        }
      }
      for (let at = this.#starts[removed] as number; at < (this.#starts[removed + 1] as number); at += 1) {
        diagonal += (this.#shares[at] as number) * (row[place[this.#neighbours[at] as number] as number] as number);
      }
      inner[own * count + own] = diagonal;
      for (let column = 0; column < own; column += 1) inner[column * count + own] = row[column] as number;
    }
    const result = new Float64Array(count * count);
    for (let a = 0; a < count; a += 1) {
      const from = (place[a] as number) * count;
      for (let b = 0; b < count; b += 1) result[a * count + b] = inner[from + (place[b] as number)] as number;
    }
    return result;
  }
}

/** Takes the node of least degree out of a list, whose order is lost. */
function takeLeastDegree(nodes: number[], degrees: Int32Array): number {
  let least = 0;
  for (let at = 1; at < nodes.length; at += 1) {
    if ((degrees[nodes[at] as number] as number) < (degrees[nodes[least] as number] as number)) least = at;
  }
  const taken = nodes[least] as number;
  nodes[least] = nodes[nodes.length - 1] as number;
  nodes.pop();
  return taken;
}
