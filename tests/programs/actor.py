"""An agent on a line: actor and critic from draws of a policy, then Q-learning with a memory and a target network."""

import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions.categorical import Categorical
from torch.distributions.normal import Normal

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
SavedAction = namedtuple("SavedAction", ["log_prob", "value"])


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(2, 16)
        self.action_head = nn.Linear(16, 3)
        self.value_head = nn.Linear(16, 1)
        self.log_std = nn.Parameter(torch.zeros(1))
        self.saved_actions = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def environment(state, action):
    position, speed = state.tolist()
    speed = 0.9 * speed + 0.1 * (action - 1)
    position += speed
    return torch.tensor([position, speed]), -abs(position)


class ReplayMemory(object):
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


def actor_critic(losses):
    model = Policy()
    optimizer = optim.Adam(model.parameters(), lr=3e-2)
    eps = torch.finfo(torch.float32).eps
    for episode in range(3):
        state = torch.tensor([1.0, 0.0])
        for t in range(8):
            probs, value = model(state.float().unsqueeze(0))
            m = Categorical(probs)
            action = torch.tensor([(t + episode) % 3])
            model.saved_actions.append(SavedAction(m.log_prob(action), value))
            state, reward = environment(state, action.item())
            model.rewards.append(reward)
            entropy = m.entropy()
        R, returns, policy_losses, value_losses = 0, [], [], []
        for r in model.rewards[::-1]:
            R = r + 0.99 * R
            returns.insert(0, R)
        returns = torch.tensor(returns)
        returns = (returns - returns.mean()) / (returns.std() + eps)
        for (log_prob, value), R in zip(model.saved_actions, returns):
            advantage = R - value.item()
            policy_losses.append(-log_prob * advantage)
            value_losses.append(F.smooth_l1_loss(value, torch.tensor([[R]])))
        gauss = Normal(torch.zeros(1), model.log_std.exp().expand_as(model.log_std))
        bonus = gauss.log_prob(torch.tensor([0.5])).sum(-1) + gauss.entropy().sum()
        optimizer.zero_grad()
        loss = torch.cat(policy_losses).sum() + torch.stack(value_losses).sum() - 0.01 * entropy.mean() - 0.1 * bonus
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        del model.rewards[:]
        del model.saved_actions[:]


def q_learning(losses):
    random.seed(0)
    policy_net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    target_net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    target_net.load_state_dict(policy_net.state_dict())
    optimizer = optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
    memory, gamma, tau = ReplayMemory(100), 0.9, 0.05
    state = torch.tensor([1.0, 0.0]).unsqueeze(0)
    for step in range(20):
        if random.random() < 0.5:
            with torch.no_grad():
                action = policy_net(state).max(1).indices.view(1, 1)
        else:
            action = torch.tensor([[random.randrange(3)]], device="cpu", dtype=torch.long)
        observation, reward = environment(state[0], action.item())
        next_state = None if step % 7 == 6 else observation.unsqueeze(0)
        memory.push(state, action, next_state, torch.tensor([reward]))
        state = torch.tensor([[1.0, 0.0]]) if next_state is None else next_state
        if len(memory) < 8:
            continue
        batch = Transition(*zip(*memory.sample(8)))
        non_final_mask = torch.tensor([s is not None for s in batch.next_state], dtype=torch.bool)
        non_final_next_states = torch.cat([s for s in batch.next_state if s is not None])
        state_batch, action_batch, reward_batch = (
            torch.cat(batch.state),
            torch.cat(batch.action),
            torch.cat(batch.reward),
        )
        state_action_values = policy_net(state_batch).gather(1, action_batch)
        next_state_values = torch.zeros(8)
        with torch.no_grad():
            next_state_values[non_final_mask] = target_net(non_final_next_states).max(1).values
        expected = (next_state_values * gamma) + reward_batch
        loss = nn.SmoothL1Loss()(state_action_values, expected.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()
        target, policy = target_net.state_dict(), policy_net.state_dict()
        for key in policy:
            target[key] = policy[key] * tau + target[key] * (1 - tau)
        target_net.load_state_dict(target)
        losses.append(loss.item())


def main(argv=None):
    torch.manual_seed(543)
    losses = []
    actor_critic(losses)
    q_learning(losses)
    return losses


if __name__ == "__main__":
    print(main())
