"""A larger network that gives the same embeddings: more blocks, more channels (Net2Net, Chen and others 2016).

    python grow.py runs/6/last.pt runs/grown.pt --blocks 1,2,3,2 --channels 24

Training goes on from there instead of from nothing. A new channel is a copy of an old one,
and what reads the two divides the old weight between them at random, so that they part ways
as they learn. A new block adds nothing at first: its last batch normalisation has scale 0.
"""
import argparse

import torch

import checkpoint
from model import ResNet


def copies(width, wider, random):
    """(wider,) which old channel each new one is: all in order, then some again."""
    return torch.cat([torch.arange(width), torch.randperm(width, generator=random)[:wider - width]])


def shared(weight, sources, random):
    """(out, in, ...) -> (out, new in, ...): each input's weight divided among its copies."""
    parts = torch.rand(weight.shape[0], len(sources), generator=random) + 0.1
    total = torch.zeros(weight.shape[0], weight.shape[1]).index_add_(1, sources, parts)
    parts = parts / total[:, sources]
    return weight[:, sources] * parts.view(*parts.shape, *[1] * (weight.dim() - 2))


def widen_norm(norm, old, sources):
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(norm, name).copy_(getattr(old, name)[sources])


@torch.no_grad()
def grow(old, blocks, channels, seed=13):
    """A network in evaluation mode with at least as many blocks and channels, at most twice as many channels."""
    if any(b < a for a, b in zip(old.num_blocks, blocks)) or not old.channels <= channels <= 2 * old.channels:
        raise ValueError(f"cannot grow {old.num_blocks}, {old.channels} channels to {blocks}, {channels}")
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    new = ResNet(blocks, channels, old.feat_dim, old.embed_dim)
    stream = copies(old.channels, channels, random)  # of the channels that reach the next block
    new.conv1.weight.copy_(old.conv1.weight[stream])
    widen_norm(new.bn1, old.bn1, stream)
    for stage in range(len(blocks)):
        before, after = getattr(old, f"layer{stage + 1}"), getattr(new, f"layer{stage + 1}")
        for block, source in zip(after, before):
            inner = copies(source.conv1.out_channels, block.conv1.out_channels, random)
            # The blocks of a stage add to one stream: it is widened alike in all.
            out = copies(source.conv2.out_channels, block.conv2.out_channels, random) if len(source.shortcut) else stream
            block.conv1.weight.copy_(shared(source.conv1.weight[inner], stream, random))
            widen_norm(block.bn1, source.bn1, inner)
            block.conv2.weight.copy_(shared(source.conv2.weight[out], inner, random))
            widen_norm(block.bn2, source.bn2, out)
            if len(source.shortcut):
                block.shortcut[0].weight.copy_(shared(source.shortcut[0].weight[out], stream, random))
                widen_norm(block.shortcut[1], source.shortcut[1], out)
            stream = out
        for block in after[len(before):]:
            block.bn2.weight.zero_()
    pooled = old.seg_1.weight.view(old.embed_dim * 2, old.channels << len(blocks) - 1, -1)
    new.seg_1.weight.copy_(shared(pooled, stream, random).reshape(old.embed_dim, -1))
    new.seg_1.bias.copy_(old.seg_1.bias)
    return new.eval()


def grow_state(state, blocks, channels):
    """A checkpoint's state of a larger network; class centres stay, since the embeddings do."""
    def grown(weights):
        old = ResNet(state["blocks"], state["channels"])
        old.load_state_dict(weights)
        return grow(old.eval(), blocks, channels).state_dict()  # of one seed, so that both are copied alike

    net = grown({name[4:]: value for name, value in state["trainer"].items() if name.startswith("net.")})
    others = {name: value for name, value in state["trainer"].items() if not name.startswith("net.")}
    return {"trainer": {**others, **{f"net.{name}": value for name, value in net.items()}}, "ema": grown(state["ema"]),
            "step": state["step"], "crops": state["crops"], "classes": state["classes"], "blocks": list(blocks),
            "channels": channels}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="last.pt or a packed folder")
    parser.add_argument("out", help="what to begin from with train.py --init")
    parser.add_argument("--blocks", default="1,2,3,2")
    parser.add_argument("--channels", type=int, default=16)
    args = parser.parse_args()
    state = grow_state(checkpoint.read(args.checkpoint), [int(b) for b in args.blocks.split(",")], args.channels)
    checkpoint.save(args.out, state)


if __name__ == "__main__":
    main()
