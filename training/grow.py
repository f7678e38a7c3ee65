"""A larger network that gives the same embeddings: more blocks, more channels (Net2Net, Chen and others 2016).

    python grow.py ../models/model.safetensors runs/grown.pt --channels 24

Training goes on from there instead of from nothing. A new channel is a copy of an old one,
and what reads the two divides the old weight between them at random, so that they part ways
as they learn. A new block adds nothing at first: its last batch normalisation has scale 0.
"""
import argparse

import torch

from model import ResNet
from train import load_weights


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="model.safetensors or a checkpoint of 2,2,2,2 blocks and 16 channels")
    parser.add_argument("out")
    parser.add_argument("--blocks", default="2,2,2,2")
    parser.add_argument("--channels", type=int, default=16)
    args = parser.parse_args()
    old = ResNet()
    load_weights(old, args.weights)
    net = grow(old.eval(), [int(b) for b in args.blocks.split(",")], args.channels)
    torch.save({"ema": net.state_dict(), "step": 0, "blocks": list(net.num_blocks), "channels": net.channels}, args.out)


if __name__ == "__main__":
    main()
