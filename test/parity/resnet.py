"""An independent PyTorch implementation of the WeSpeaker ResNet family, with random weights.

The reference that the parity tests compare against. Written from the description of the networks:
BasicBlocks, Bottlenecks or BasicBlocks with SimAM, no bias on convolutions, BatchNorm eps 1e-5, statistics pooling
(mean, then the unbiased standard deviation, each flattened channel-major) or attentive statistics pooling, one or two
linear layers to the embedding.

    import resnet
    net = resnet.random_resnet(blocks=(3, 4, 6, 3), channels=32, seed=7)
    embeddings = net(features)          # features (batch, frames, 80) -> (batch, dimension)

The state dict has WeSpeaker's names: conv1, bn1, layer{1-4}.{i}.{conv1,bn1,conv2,bn2,shortcut.0,
shortcut.1}, seg_1; those with SimAM and ASP the names of WeSpeaker's SimAM networks: front., pooling.attention,
bottleneck.
"""

import torch
import torch.nn.functional as functional
from torch import nn

RESNET18 = (2, 2, 2, 2)
RESNET34 = (3, 4, 6, 3)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + self.shortcut(x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, planes, stride):
        super().__init__()
        outputs = 4 * planes
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        return functional.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


class SimAmBlock(BasicBlock):
    def __init__(self, inputs, outputs, stride):
        super().__init__(inputs, outputs, stride)
        self.downsample = self.shortcut
        del self.shortcut

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        away = (y - y.mean(dim=(2, 3), keepdim=True)) ** 2
        variance = away.sum(dim=(2, 3), keepdim=True) / (y.shape[2] * y.shape[3] - 1)
        y = y * torch.sigmoid(away / (4 * (variance + 1e-4)) + 0.5)
        return functional.relu(y + self.downsample(x))


def weighted_statistics(x, share, floor):
    mean = (share * x).sum(dim=2)
    variance = (share * x**2).sum(dim=2) - mean**2
    return torch.cat((mean, torch.sqrt(variance.clamp(min=floor))), dim=1)


class Astp(nn.Module):
    """Attentive statistics pooling with a tanh, as WeSpeaker's ResNets can have it: (batch, column, time)."""

    def __init__(self, column, units):
        super().__init__()
        self.linear1 = nn.Conv1d(column, units, 1)
        self.linear2 = nn.Conv1d(units, column, 1)

    def forward(self, x):
        share = torch.softmax(self.linear2(torch.tanh(self.linear1(x))), dim=2)
        return weighted_statistics(x, share, 1e-7)


class Asp(nn.Module):
    """The same with a ReLU and a BatchNorm, as WeSpeaker's SimAM networks have it."""

    def __init__(self, column, units):
        super().__init__()
        self.attention = nn.Sequential(
            nn.Conv1d(column, units, 1),
            nn.ReLU(),
            nn.BatchNorm1d(units),
            nn.Conv1d(units, column, 1),
            nn.Softmax(dim=2),
        )

    def forward(self, x):
        return weighted_statistics(x, self.attention(x), 1e-5)


class Relative(nn.Module):
    """Any other member of the family: features (batch, frames, feature_size) -> embeddings (batch, dimension)."""

    def __init__(self, block, blocks, channels, pooling=None, units=128, two_layers=False, feature_size=80, dimension=256):
        super().__init__()
        self.feature_size = feature_size
        self.dimension = dimension
        front = nn.Module()
        front.conv1 = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        front.bn1 = nn.BatchNorm2d(channels)
        inputs = channels
        for index, count in enumerate(blocks):
            planes = channels * 2**index
            stage = []
            for number in range(count):
                stage.append(block(inputs, planes, 2 if index > 0 and number == 0 else 1))
                inputs = planes * getattr(block, "expansion", 1)
            setattr(front, f"layer{index + 1}", nn.Sequential(*stage))
        column = inputs * feature_size // 8
        self.front = front
        if pooling is Asp:
            self.pooling = Asp(column, units)
            self.bottleneck = nn.Linear(2 * column, dimension)
            return
        if pooling is Astp:
            self.pool = Astp(column, units)
        self.seg_1 = nn.Linear(2 * column, dimension)
        if two_layers:
            self.seg_bn_1 = nn.BatchNorm1d(dimension, affine=False)
            self.seg_2 = nn.Linear(dimension, dimension)

    def forward(self, features):
        x = features.permute(0, 2, 1).unsqueeze(1)
        x = functional.relu(self.front.bn1(self.front.conv1(x)))
        for name in ("layer1", "layer2", "layer3", "layer4"):
            x = getattr(self.front, name)(x)
        x = x.reshape(x.shape[0], x.shape[1] * x.shape[2], x.shape[3])
        if hasattr(self, "pooling"):
            return self.bottleneck(self.pooling(x))
        if hasattr(self, "pool"):
            statistics = self.pool(x)
        else:
            mean = x.mean(dim=2, keepdim=True)
            variance = ((x - mean) ** 2).sum(dim=2) / (x.shape[2] - 1)
            statistics = torch.cat((mean[..., 0], torch.sqrt(variance + 1e-7)), dim=1)
        y = self.seg_1(statistics)
        return self.seg_2(self.seg_bn_1(functional.relu(y))) if hasattr(self, "seg_2") else y

    def published(self):
        """The state dict under the names that WeSpeaker publishes: ResNets have no `front.`."""
        state = self.state_dict()
        if hasattr(self, "pooling"):
            return state
        return {key.replace("front.", "", 1): value for key, value in state.items()}


class ResNet(nn.Module):
    """features (batch, frames, feature_size) -> embeddings (batch, dimension), not normalised."""

    def __init__(self, blocks=RESNET34, channels=32, feature_size=80, dimension=256):
        super().__init__()
        self.feature_size = feature_size
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        inputs = channels
        for index, count in enumerate(blocks):
            outputs = channels * 2**index
            stage = []
            for block in range(count):
                stride = 2 if index > 0 and block == 0 else 1
                stage.append(BasicBlock(inputs, outputs, stride))
                inputs = outputs
            setattr(self, f"layer{index + 1}", nn.Sequential(*stage))
        height = feature_size
        for _ in range(3):
            height = (height - 1) // 2 + 1
        self.seg_1 = nn.Linear(inputs * height * 2, dimension)

    def maps(self, features):
        """(batch, frames, feature_size) -> (batch, 8 * channels, feature_size / 8, frames / 8)."""
        x = features.permute(0, 2, 1).unsqueeze(1)
        x = functional.relu(self.bn1(self.conv1(x)))
        for name in ("layer1", "layer2", "layer3", "layer4"):
            x = getattr(self, name)(x)
        return x

    def forward(self, features):
        x = self.maps(features)
        mean = x.mean(dim=-1).flatten(start_dim=1)
        # Two passes, unbiased: written out because the ONNX exporter of torch 1.13 lowers var poorly.
        frames = x.shape[-1]
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = (centred * centred).sum(dim=-1) / (frames - 1)
        deviation = torch.sqrt(variance + 1e-7).flatten(start_dim=1)
        return self.seg_1(torch.cat((mean, deviation), dim=1))


def masked(net, features, masks):
    """Embeddings of one window, (1, frames, feature_size), under masks (count, frames / 8): weighted statistics."""
    x = net.maps(features)[0]
    rows = []
    for weights in masks:
        v1 = weights.sum() + 1e-8
        v2 = (weights * weights).sum()
        mean = (x * weights).sum(dim=-1) / v1
        centred = x - mean.unsqueeze(-1)
        variance = (centred * centred * weights).sum(dim=-1) / (v1 - v2 / v1 + 1e-8)
        rows.append(torch.cat((mean.flatten(), torch.sqrt(variance + 1e-7).flatten())))
    return net.seg_1(torch.stack(rows))


class WithMeanVector(nn.Module):
    """The network as it is published in ONNX: a mean vector is subtracted from the embedding."""

    def __init__(self, net, mean_vector):
        super().__init__()
        self.net = net
        self.register_buffer("mean_vec", mean_vector)

    def forward(self, feats):
        return self.net(feats) - self.mean_vec


def randomized(net, seed):
    """The network in eval mode, its every tensor, BatchNorm statistics included, random but tame."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(shape, low, high):
        return torch.rand(shape, generator=generator) * (high - low) + low

    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
                fan_in = module.weight[0].numel()
                normal = torch.randn(module.weight.shape, generator=generator)
                module.weight.copy_(normal * (1.6 / fan_in) ** 0.5)
                if module.bias is not None:
                    module.bias.copy_(uniform(module.bias.shape, -0.1, 0.1))
            elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                if module.affine:
                    module.weight.copy_(uniform(module.weight.shape, 0.6, 1.2))
                    module.bias.copy_(uniform(module.bias.shape, -0.2, 0.2))
                module.running_mean.copy_(uniform(module.running_mean.shape, -0.3, 0.3))
                module.running_var.copy_(uniform(module.running_var.shape, 0.5, 1.6))
                module.num_batches_tracked.fill_(1234)
    return net.eval()


def random_resnet(blocks=RESNET34, channels=32, feature_size=80, dimension=256, seed=0):
    """A ResNet of BasicBlocks with random weights."""
    return randomized(ResNet(blocks, channels, feature_size, dimension), seed)


def load_resnet(state_dict, feature_size=80):
    """Build the network that a state dict with WeSpeaker's names describes, in eval mode."""
    blocks = tuple(
        len({key.split(".")[1] for key in state_dict if key.startswith(f"layer{stage}.")})
        for stage in range(1, 5)
    )
    channels = state_dict["conv1.weight"].shape[0]
    dimension = state_dict["seg_1.weight"].shape[0]
    net = ResNet(blocks, channels, feature_size, dimension)
    net.load_state_dict(state_dict, strict=False)
    return net.eval()


def export_onnx(net, path, mean_vector=None, opset=14, fold=True):
    """Write the network as WeSpeaker publishes it: input feats [B, T, 80], output embs [B, 256]."""
    dimension = net.dimension if isinstance(net, Relative) else net.seg_1.out_features
    wrapped = WithMeanVector(net, torch.zeros(dimension) if mean_vector is None else mean_vector)
    wrapped.eval()
    torch.onnx.export(
        wrapped,
        torch.randn(1, 148, net.feature_size),
        path,
        do_constant_folding=True,
        training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE,
        opset_version=opset,
        input_names=["feats"],
        output_names=["embs"],
        dynamic_axes={"feats": {0: "B", 1: "T"}, "embs": {0: "B"}},
    )
