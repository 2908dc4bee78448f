// Numbers that look random and are the same every time.

export function draws(seed) {
  let state = seed;
  const share = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const whole = (least, most) => least + Math.floor(share() * (most - least + 1));
  return { share, whole, one: (list) => list[whole(0, list.length - 1)] };
}
