"""WeSpeaker's ResNet for speaker embeddings, with its tensor names.

Source of the architecture: WeSpeaker `models/resnet.py` and `pooling_layers.py`
(Apache-2.0); written here from its description. Input (batch, frames, 80), output
(batch, embed_dim), not normalised.
"""
import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    def __init__(self, in_channels, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, channels, 1, stride, bias=False),
                                          nn.BatchNorm2d(channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, num_blocks=(2, 2, 2, 2), channels=16, feat_dim=80, embed_dim=256):
        super().__init__()
        self.num_blocks, self.channels = tuple(num_blocks), channels
        self.feat_dim, self.embed_dim = feat_dim, embed_dim
        self.conv1 = nn.Conv2d(1, channels, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        width = channels
        for stage, count in enumerate(num_blocks):
            blocks = []
            for index in range(count):
                wide = channels << stage
                blocks.append(BasicBlock(width, wide, 2 if stage and index == 0 else 1))
                width = wide
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        pooled = feat_dim
        for _ in num_blocks[1:]:
            pooled = (pooled + 1) // 2
        self.seg_1 = nn.Linear(width * pooled * 2, embed_dim)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def statistics(self, feats):
        """(batch, frames, feat_dim) -> (batch, pooled): mean and deviation over time, channel-major; what the last layer reads."""
        x = F.relu(self.bn1(self.conv1(feats.transpose(1, 2).unsqueeze(1))))
        for stage in range(len(self.num_blocks)):
            x = getattr(self, f"layer{stage + 1}")(x)
        x = x.float()
        mean = x.mean(-1)
        spread = (x.var(-1, unbiased=True) + 1e-7).sqrt()
        return torch.cat([mean.flatten(1), spread.flatten(1)], 1)

    def forward(self, feats):
        return self.seg_1(self.statistics(feats))


def multiply_adds(model, frames):
    """Multiply-adds of the convolutions and the linear layer for one window."""
    total, hooks = [0], []

    def count(module, _, out):
        taps = module.weight[0].numel()
        total[0] += taps * out.numel()

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(count))
    training = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, frames, model.feat_dim))
    model.train(training)
    for hook in hooks:
        hook.remove()
    return total[0]
