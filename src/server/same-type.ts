/** Whether two types accept exactly the same: `true` or `false`, for the compiler to check. */
export type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
