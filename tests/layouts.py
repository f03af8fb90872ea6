"""Bodies that lay tensors out in every way: permuted, sliced, broadcast, channels last, shared."""

import re

_TEXT = """\
on x: [4, 6, 5] { c = conv(8, kernel = 3, pad = 1, pad_mode = "reflect") return c(x) }
on x: [4, 6, 5] { c = conv(8, kernel = 3, pad = 1, pad_mode = "replicate") return c(x) }
on x: [4, 6, 5] { c = conv(8, kernel = 3, pad = 1, pad_mode = "circular") return c(x) }
on x: [4, 9] { c = conv(8, kernel = 3, pad = 1, pad_mode = "reflect") return c(x) }
on x: [4, 6, 5, 3] { c = conv(8, kernel = 3, pad = 1) d = conv_transpose(4, kernel = 2) return d(c(x)) }
on x: [4, 6, 5] { a = conv(8, kernel = 1) n = layer_norm f = linear(3)
    return f(n(rearrange(a(x), "c h w -> h w c"))) }
on x: [6, 5, 4] { g = group_norm(2) return gelu(g(rearrange(x, "h w c -> c h w"))) }
on x: [6, 5, 4] { g = batch_norm f = linear(3)
    return f(rearrange(g(rearrange(x, "h w c -> c h w")), "c h w -> h w c")) }
on x: [6, 5, 4] { g = instance_norm(affine = true) return g(rearrange(x, "h w c -> c h w")) }
on x: [6, 5, 4] { c = conv(4, kernel = 1)
    return adaptive_avg_pool(adaptive_avg_pool(c(rearrange(x, "h w c -> c h w")), 3), 1) }
on x: [6, 5, 4] { c = conv(4, kernel = 1)
    return interpolate(interpolate(c(rearrange(x, "h w c -> c h w")), 3), [7, 7], mode = "nearest") }
on x: [6, 5, 4] { c = conv(4, kernel = 1) y = c(rearrange(x, "h w c -> c h w"))
    return concat([y, y * 2], axis = 0) }
on x: [6, 5, 4] { c = conv(4, kernel = 1) y = c(rearrange(x, "h w c -> c h w")) return pad(y, 1, 1) }
on x: [6, 5, 4] { c = conv(4, kernel = 1) y = c(rearrange(x, "h w c -> c h w"))
    return flip(roll(y, 1, axis = 0)) * cumsum(y) }
on x: [6, 4] { p = linear(8) a, b = chunk(p(x), 2, axis = -1) return gelu(a) * sigmoid(b) }
on x: [6, 4] { p = linear(8) a, b = chunk(p(x), 2, axis = -1) q = linear(3) r = linear(3, bias = false)
    return q(a) + r(b) }
on x: [6, 4] { p = linear(8) y = p(x) return (2 / y) + 2 ** y + y ** 3 - (1 - y) / 4 + y ** y }
on x: [6, 4] { param w: [4, 3] = ones return x @ w }
on x: [2, 6, 4] { param w: [4, 3] = ones p = linear(4) return p(x) @ w }
on x: [2, 6, 4] { param w: [2, 4, 3] = ones p = linear(4) return p(x) @ w }
on x: [6, 4] { param w: [3, 6] = ones p = linear(4) return w @ p(x) }
on x: [6, 4] { buffer w: [3, 6] = ones p = linear(4) return w @ p(x) }
on x: [6, 4] { buffer w: [4, 3] = ones p = linear(4) return p(x) @ w }
on x: [6, 4] { buffer w: [4, 3] = ones p = linear(6) return rearrange(p(x), "n c -> c n") @ x @ w }
on x: [6, 4] { p = linear(8) y = rearrange(p(x), "n (h d) -> h n d", h = 2)
    return y @ rearrange(y, "h n d -> h d n") }
on x: [6, 4] { p = linear(8) y = rearrange(p(x), "n (h d) -> h n d", h = 2)
    return einsum(y, y, "h n d, h m d -> h n m") }
on x: [6, 4] { param w: [6, 6] = ones p = linear(4) return einsum(w, p(x), "m n, n c -> m c") }
on x: [6, 4] { param w: [4, 5] = ones p = linear(4) return einsum(p(x), w, "n c, c d -> n d") }
on x: [6, 4] { param w: [4] = ones p = linear(4) return einsum(p(x), w, "n c, c -> n c") }
on x: [6, 4] { param w: [4] = ones p = linear(4) return einsum(p(x), w, "n c, d -> n c d") }
on x: [6, 4] { param w: [4] = ones p = linear(4) return einsum(p(x), w, "n c, d -> n") }
on x: [6, 4] { p = linear(4) return einsum(p(x), "n c -> c n") * 2 }
on x: [6, 4] { p = linear(4) return einsum(p(x), "n c -> c") * 2 }
on x: [1, 4] { p = linear(4) y = p(x) return einsum(y, y, "n c, m c -> n m") }
on x: [6, 1] { p = linear(1) y = p(x) return einsum(y, y, "n c, m c -> n m") }
on x: [6, 8] { p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    o = linear(8) return o(rearrange(attend(q, k, v), "g n d -> n (g d)")) }
on x: [6, 8] { p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    o = linear(8) return o(rearrange(attend(q, k, v, dropout = 0.1), "g n d -> n (g d)")) }
on x: [6, 8] { p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    o = linear(8) return o(rearrange(attend(q, k, v, causal = true, dropout = 0.1), "g n d -> n (g d)")) }
on x: [6, 8] { param b: [2, 6, 6] = zeros
    p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    o = linear(8) return o(rearrange(attend(q, k, v, b), "g n d -> n (g d)")) }
on x: [6, 8] { buffer b: [6, 6] = zeros
    p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    return attend(q, k, v, b) }
on x: [6, 8] { buffer b: [2, 6, 6] = zeros
    p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    return attend(q, k, v, b) }
on x: [6, 8] { p = linear(24) q, k, v = chunk(p(x), 3, axis = -1) return attend(q, k, v) }
on x: [6, 8] { p = linear(24) q, k, v = unbind(rearrange(p(x), "n (s g d) -> s g n d", s = 3, g = 2))
    return attend(rearrange(q, "g n d -> n g d"), rearrange(k, "g n d -> n g d"), rearrange(v, "g n d -> n g d")) }
on x: [6, 8] { p = linear(8) return dropout(p(x), 0.3) }
on x: [6, 8] { p = linear(8) return dropout(p(x), 0.3, per = "sample") }
on x: [3, 6, 8] { p = linear(8) return dropout(rearrange(p(x), "c h w -> w h c"), 0.3, per = "channel") }
on x: [3, 6, 8] { p = linear(8) return dropout(rearrange(p(x), "c h w -> w h c"), 0.3) }
on x: [6, 8] { p = linear(8) return tril(p(x)) + tril(p(x), fill = -1.0) }
on x: [6, 8] { p = linear(8) return softplus(softsign(logsigmoid(mish(p(x))))) }
on x: [6, 8] { p = linear(8) return maximum(p(x), x) + minimum(x, p(x)) + max(p(x), axis = 1, keep = true) }
on x: [6, 8] { p = linear(8) n = rms_norm return n(rearrange(p(x), "n c -> c n")[0:6]) }
on x: [6, 8] { n = rms_norm(affine = false) p = linear(8) return n(p(x)) }
on x: [6, 8] { n = layer_norm(affine = false) p = linear(8) return p(n(x)) }
on x: [6, 8] { n = layer_norm p = linear(8) return p(n(x) + n(x)) }
on x: [6, 8] { p = linear(8) return p(p(p(x))) }
on x: [6, 8] { p = linear(8) q = prelu return q(rearrange(p(x), "n c -> c n")) }
on x: [6, 8] { p = linear(8) return repeat(p(x), 3, axis = 1) @ repeat(rearrange(p(x), "n c -> c n"), 3) }
on x: [6, 8] { const t: int [2, 3] = [[0, 1, 2], [3, 4, 5]] p = linear(8) return take(p(x), t) * 2 }
on x: [6, 8] { const t: int [6] = [0, 1, 2, 3, 3, 3] param b: [4, 8] = zeros return x + take(b, t) }
on x: [6, 8], i: int [3] { p = linear(8) return take(p(x), i) * 2 }
on i: int [5] { e = embedding(10, 8) n = layer_norm return n(e(i)) }
on x: [6, 8] { param g: [8] = ones param b: [1, 1, 8] = zeros return g * x + b[0] }
on x: [6, 8] { param g: [3, 8] = ones return x * g[0] + x / g[1] + clamp(x * g[2], low = 0) }
on x: [6, 8] { param g: [6] = ones return rearrange(g, "n -> n 1") * x + x ** rearrange(g, "n -> n 1") }
on x: [6, 8] { param g: [1, 8] = ones p = linear(8) return p(concat([g, x], axis = 0))[0] }
on x: [3, 4, 5] { param g: [3, 2, 2] = ones return x + interpolate(g, [4, 5]) }
on x: [3, 4, 5] { param g: [3, 2, 2] = ones n = layer_norm
    return x + pad(g, 1, 2)[:, 0:1] + n(pad(g, 1, 2))[:, 1:2] }
on x: [1, 4, 5] { c = conv(1, kernel = 3, pad = 1) return c(rearrange(c(x), "c h w -> c w h")) }
on x: [3, 1, 5] { c = conv(3, kernel = 1) n = group_norm(1) return n(c(rearrange(c(x), "c h w -> c w h"))) }
on x: [3, 4, 6] { c = conv(4, kernel = 1) y = c(x)
    return rearrange(y, "(a b) (h p) (w q) -> b (a p q) (h w)", a = 2, p = 2, q = 2) * 2 }
on x: [3, 4, 6] { c = conv(4, kernel = 1) y = reshape(rearrange(c(x), "c h w -> h w c"), [24, 4]) return y * y }
on x: [3, 4, 6] { c = conv(4, kernel = 1) y = sum(c(x), axis = 0, keep = true) return y * x }
on x: [6, 8] { p = linear(8) y = p(x)
    return abs(y) + exp(y) + log(y) + sqrt(y) + rsqrt(y) + square(y) + sin(y) + cos(y) + erf(y) + sign(y)
        + neg(y) + relu(y) + tanh(y) }
on x: [6, 8] { p = linear(8) y = p(x)
    return elu(y) + selu(y) + gelu(y, approximate = "tanh") + hardswish(y) + hardsigmoid(y) + leaky_relu(y)
        + relu6(y) + silu(y) + softmax(y) + sigmoid(y) }
on x: [2, 3, 3, 3] { param v: [4, 3, 3, 3] = ones c = conv_transpose(2, kernel = 3, pad = 1) return x * square(c(v)) }
on x: [4, 3, 3, 3] { c = conv_transpose(2, kernel = 3, pad = 1) return square(c(x)) }
on x: [6, 7, 4] { a = conv(8, kernel = 3) return max_pool(avg_pool(a(rearrange(x, "h w c -> c h w")), 2), 2) }
"""
BODIES = tuple(re.split(r"\n(?=on )", _TEXT.strip()))
"""Each is a model without its name."""
